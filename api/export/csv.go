package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"aman/geo"
	"aman/geo/tracker"
)

// bom makes spreadsheets read UTF-8.
const bom = "\uFEFF"

// peopleColumns are stable: programs read them by name, people by place.
var peopleColumns = []string{
	"id", "name", "latin", "unidentified", "phone", "tour_code", "persons", "level", "verdict", "share", "zone", "since",
	"freshness", "stale_at", "heard_at", "wellbeing", "intention", "contact", "needs", "stay", "category",
	"countries", "country_near", "airport", "stranded", "mission",
}

type peopleCSV struct {
	w *csv.Writer
	v tracker.View
	n tally
}

func newPeopleCSV(w io.Writer, v tracker.View) (PeopleWriter, error) {
	if _, err := io.WriteString(w, bom); err != nil {
		return nil, fmt.Errorf("write people: %w", err)
	}
	p := &peopleCSV{w: csv.NewWriter(w), v: v}
	p.w.UseCRLF = true // RFC 4180
	return p, p.line(peopleColumns)
}

func (p *peopleCSV) line(cells []string) error {
	for i, c := range cells {
		cells[i] = defused(c)
	}
	if err := p.w.Write(cells); err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	return nil
}

func (p *peopleCSV) Row(r *tracker.Row) error {
	p.n++
	zone, share := "", ""
	if r.Verdict != geo.Outside {
		zone, share = r.Zone.String(), strconv.FormatFloat(r.Share, 'f', 2, 64)
	}
	return p.line([]string{
		r.ID.String(), r.Name, r.Latin, strconv.FormatBool(r.Unidentified), r.Phone, r.TourCode, strconv.Itoa(r.Persons),
		strconv.Itoa(r.Level), r.Verdict.String(), share, zone, instant(r.Since),
		freshness(r.Stale), instant(r.StaleAt), instant(r.HeardAt), wellbeing(r.Wellbeing), r.Intention.String(), r.Contact.String(),
		strings.Join(r.Needs.Words(), " "), r.Stay.String(), r.Category.String(),
		strings.Join(r.Countries, " "), strconv.FormatBool(r.CountryNear), r.Airport, strconv.FormatBool(r.Stranded), missionCode(p.v, r),
	})
}

func (p *peopleCSV) Close(n tracker.Count) error {
	p.w.Flush()
	if err := p.w.Error(); err != nil {
		return fmt.Errorf("write people: %w", err)
	}
	return p.n.check(n)
}

// missionCode is the code of who is responsible; empty for nobody.
func missionCode(v tracker.View, r *tracker.Row) string {
	m, _ := v.Snapshot().Mission(r.Mission)
	return m.Code
}

var zoneColumns = []string{
	"id", "version", "state", "in_force", "level", "kind", "action", "name_kk", "name_ru", "name_en", "valid_from", "valid_to",
	"source", "reason", "country", "inside_records", "inside_persons", "possible_records", "possible_persons",
}

func zonesCSV(w io.Writer, zs []tracker.ZoneView) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return fmt.Errorf("write zones: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(zoneColumns); err != nil {
		return fmt.Errorf("write zones: %w", err)
	}
	for i := range zs {
		zv := &zs[i]
		z := &zv.Latest
		cells := []string{
			z.ID.String(), strconv.Itoa(z.Version), z.State.String(), strconv.FormatBool(zv.InForce), strconv.Itoa(z.Level),
			z.Kind.String(), z.Action.String(), z.Names.KK, z.Names.RU, z.Names.EN, instant(z.ValidFrom), instant(z.ValidTo),
			z.Source, z.Reason, z.Country, count(zv.Inside.Records), count(zv.Inside.Persons), count(zv.Possible.Records), count(zv.Possible.Persons),
		}
		for k, c := range cells {
			cells[k] = defused(c)
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("write zones: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write zones: %w", err)
	}
	return nil
}

func count(n int64) string { return strconv.FormatInt(n, 10) }
