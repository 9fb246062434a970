package api

import (
	"bytes"
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oapi-codegen/runtime/types"

	"aman/api/export"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo"
	"aman/geo/tracker"
)

// defaultPage is how many rows a list has when the caller doesn't say.
const defaultPage = 50

// ListPeople implements the contract's listPeople.
func (s *Server) ListPeople(ctx context.Context, r openapi.ListPeopleRequestObject) (openapi.ListPeopleResponseObject, error) {
	v, p := s.view(ctx), r.Params
	f, err := s.filter(v, filterParams{
		p.Crisis, p.Zone, p.Country, p.Airport, p.Mission, p.Verdict, p.Freshness, p.Wellbeing, p.Intention, p.Contact,
		p.Level, p.Stay, p.Stranded, p.Placed, p.Bbox,
	})
	if err != nil {
		return nil, err
	}
	list, err := s.people(ctx, v, f, p.Limit, p.Cursor)
	return openapi.ListPeople200JSONResponse(list), err
}

// people is one page of a list. Reading a list is a read of people: it is
// audited, with how many, before it is answered.
func (s *Server) people(ctx context.Context, v tracker.View, f tracker.Filter, limit *int, cursor *string) (openapi.PersonList, error) {
	n := defaultPage
	if limit != nil {
		n = *limit
	}
	page, err := v.People(f, n, orZero(cursor))
	if err != nil {
		return openapi.PersonList{}, err
	}
	au := callOf(ctx).Audit("people.list", strconv.Itoa(len(page.Rows))+" people")
	if f.Text != "" {
		au.Action = "people.search"
	}
	if err := s.tracker.Audit(ctx, au); err != nil {
		return openapi.PersonList{}, err
	}
	list := openapi.PersonList{
		Items: make([]openapi.PersonRow, len(page.Rows)), Total: countOf(page.Total), Next: some(page.Next), AsOf: asOf(v),
	}
	for i := range page.Rows {
		list.Items[i] = rowOf(&page.Rows[i])
	}
	return list, nil
}

// SearchPeople implements the contract's searchPeople.
func (s *Server) SearchPeople(ctx context.Context, r openapi.SearchPeopleRequestObject) (openapi.SearchPeopleResponseObject, error) {
	v := s.view(ctx)
	f, err := s.filter(v, filterParams{Crisis: r.Params.Crisis})
	if err != nil {
		return nil, err
	}
	f.Text = r.Body.Text
	list, err := s.people(ctx, v, f, r.Body.Limit, r.Body.Cursor)
	return openapi.SearchPeople200JSONResponse(list), err
}

// LookUpPerson implements the contract's lookUpPerson.
func (s *Server) LookUpPerson(ctx context.Context, r openapi.LookUpPersonRequestObject) (openapi.LookUpPersonResponseObject, error) {
	c, err := s.crisis(s.view(ctx), r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	f, err := s.tracker.Lookup(ctx, callOf(ctx).actor(), c.ID, string(r.Body.Kind), strings.TrimSpace(r.Body.Value), strings.TrimSpace(r.Body.Reason))
	if err != nil {
		return nil, err
	}
	return openapi.LookUpPerson200JSONResponse{Held: f.Held, PersonId: some(f.Person), DutyPhone: some(f.DutyPhone)}, nil
}

// ExportPeople implements the contract's exportPeople.
func (s *Server) ExportPeople(ctx context.Context, r openapi.ExportPeopleRequestObject) (openapi.ExportPeopleResponseObject, error) {
	v, p := s.view(ctx), r.Params
	f, err := s.filter(v, filterParams{
		p.Crisis, p.Zone, p.Country, p.Airport, p.Mission, p.Verdict, p.Freshness, p.Wellbeing, p.Intention, p.Contact,
		p.Level, p.Stay, p.Stranded, p.Placed, p.Bbox,
	})
	if err != nil {
		return nil, err
	}
	format := "csv"
	if p.Format != nil {
		format = string(*p.Format)
	}
	var buf bytes.Buffer
	w, err := export.People(&buf, format, v)
	if err != nil {
		return nil, err
	}
	n, err := v.Each(f, func(row *tracker.Row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return w.Row(row)
	})
	if err != nil {
		return nil, err
	}
	if err := w.Close(n); err != nil {
		return nil, err
	}
	if err := s.tracker.Audit(ctx, callOf(ctx).Audit("people.export", strconv.FormatInt(n.Records, 10)+" people as "+format)); err != nil {
		return nil, err
	}
	name := "aman-people-" + v.AsOf().Time.UTC().Format("20060102T150405Z") + "." + format
	return download{media: exportMedia[format], name: name, body: buf.Bytes()}, nil
}

var exportMedia = map[string]string{"csv": "text/csv; charset=utf-8", "geojson": "application/geo+json"}

// download is a file that browsers save.
type download struct {
	media, name string
	body        []byte
}

// VisitExportPeopleResponse implements the contract's answer.
func (d download) VisitExportPeopleResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", d.media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(d.body)
	return err
}

// GetPerson implements the contract's getPerson.
func (s *Server) GetPerson(ctx context.Context, r openapi.GetPersonRequestObject) (openapi.GetPersonResponseObject, error) {
	c, err := s.tracker.Card(ctx, callOf(ctx).actor(), r.Id)
	if err != nil {
		return nil, err
	}
	return openapi.GetPerson200JSONResponse{
		Body: cardOf(&c), Headers: openapi.GetPerson200ResponseHeaders{ETag: etagOf(c.Person.Version)},
	}, nil
}

// EditPerson implements the contract's editPerson.
func (s *Server) EditPerson(ctx context.Context, r openapi.EditPersonRequestObject) (openapi.EditPersonResponseObject, error) {
	if _, err := versionOf(r.Params.IfMatch); err != nil {
		return nil, err // before the card is read, which is audited
	}
	in := callOf(ctx)
	c, err := s.tracker.Card(ctx, in.actor(), r.Id)
	if err != nil {
		return nil, err
	}
	version, err := s.personVersion(ctx, &c.Person, r.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	p := c.Person
	p.Details = p.Details.Clone()
	if err := intake.Patch(in.body, &p, s.defaults(in, tracker.Crisis{ID: p.Crisis})); err != nil {
		return nil, err
	}
	seq, err := s.tracker.EditPerson(ctx, in.actor(), p, version)
	if err != nil {
		return nil, ofPerson(s.personRefused(ctx, &c.Person, &p, err))
	}
	s.settle(ctx, seq)
	if c, err = s.tracker.Card(ctx, in.actor(), r.Id); err != nil {
		return nil, err
	}
	return openapi.EditPerson200JSONResponse{
		Body: cardOf(&c), Headers: openapi.EditPerson200ResponseHeaders{ETag: etagOf(c.Person.Version)},
	}, nil
}

// AssignPerson implements the contract's assignPerson.
func (s *Server) AssignPerson(ctx context.Context, r openapi.AssignPersonRequestObject) (openapi.AssignPersonResponseObject, error) {
	seq, err := s.tracker.Assign(ctx, callOf(ctx).actor(), r.Id, r.Body.Mission, strings.TrimSpace(r.Body.Reason))
	if err != nil {
		return nil, err
	}
	s.settle(ctx, seq)
	return openapi.AssignPerson204Response{}, nil
}

// rowOf writes one row of a list.
func rowOf(r *tracker.Row) openapi.PersonRow {
	out := openapi.PersonRow{
		Id: r.ID, Name: r.Name, Latin: some(r.Latin), Phone: some(r.Phone), TourCode: some(r.TourCode),
		Level: r.Level, Verdict: openapi.Verdict(r.Verdict.String()), Zone: some(r.Zone), Since: moment(r.Since),
		Freshness: "fresh", StaleAt: moment(r.StaleAt), HeardAt: moment(r.HeardAt),
		Wellbeing: shownWellbeing(r.Wellbeing), Intention: openapi.Intention(r.Intention.String()),
		Contact: openapi.Contact(r.Contact.String()), Needs: needsOf(r.Needs), Persons: r.Persons,
		Countries: append([]string{}, r.Countries...), CountryNear: r.CountryNear,
		Airport: some(r.Airport), AtAirport: r.Airport != "", Stranded: r.Stranded,
		Stay: openapi.Stay(r.Stay.String()), Category: openapi.Category(r.Category.String()),
		Unidentified: r.Unidentified, Mission: some(r.Mission), Position: fixOf(r.Position),
		Guardian: some(r.Guardian), PlaceHidden: some(r.PlaceHidden),
	}
	if r.Stale {
		out.Freshness = "stale"
	}
	if r.Verdict != geo.Outside {
		out.Share = &r.Share
	}
	return out
}

func shownWellbeing(w tracker.Wellbeing) openapi.ShownWellbeing {
	if w == tracker.WellbeingClosed {
		return "closed"
	}
	return openapi.ShownWellbeing(w.String())
}

func needsOf(n tracker.Needs) []openapi.Need {
	out := []openapi.Need{}
	for _, w := range n.Words() {
		out = append(out, openapi.Need(w))
	}
	return out
}

func fixOf(f *tracker.Fix) *openapi.Position {
	if f == nil {
		return nil
	}
	return &openapi.Position{
		Lon: f.Point[0], Lat: f.Point[1], RadiusM: tidy(f.RadiusM), Method: openapi.Method(f.Method.String()), Flags: f.Flags.Words(),
		FixedAt: moment(f.FixedAt), ReceivedAt: f.ReceivedAt.UTC(),
	}
}

// tidy rounds metres to millimetres.
func tidy(m float64) float64 { return math.Round(m*1000) / 1000 }

func cardOf(c *tracker.Card) openapi.PersonCard {
	out := openapi.PersonCard{
		Version: c.Person.Version, Row: rowOf(&c.Row), Details: detailsOf(&c.Person), Flagged: fixOf(c.Row.Flagged),
		Exposures: []openapi.Exposure{}, Reports: []openapi.Report{},
	}
	for _, e := range c.Exposures {
		out.Exposures = append(out.Exposures, openapi.Exposure{
			Zone: e.Zone, Names: labelOf(e.Names), Level: e.Level, Verdict: openapi.Verdict(e.Verdict.String()),
			Share: e.Share, Since: e.Since.UTC(),
		})
	}
	gone := map[tracker.ID]tracker.Retraction{}
	for _, r := range c.Retractions {
		gone[r.Report] = r
	}
	rulings := map[tracker.ID]*tracker.Ruling{}
	for i := range c.Rulings { // by N
		rulings[c.Rulings[i].Report] = &c.Rulings[i]
	}
	for i := range c.Merged {
		m := openapi.MergedRecord{Id: c.Merged[i].ID, Details: detailsOf(&c.Merged[i])}
		out.Merged = new(append(orZero(out.Merged), m))
	}
	for i := range c.Reports {
		r := reportOf(&c.Reports[i])
		if x, ok := rulings[r.Id]; ok {
			r.Ruling = &openapi.Ruling{Flags: x.Flags.Words(), Reason: x.Reason, At: x.RecordedAt.UTC(), ByStaff: !x.Author.IsZero()}
		}
		if g, ok := gone[r.Id]; ok {
			r.Retracted = &openapi.Retracted{Reason: g.Reason, At: g.RecordedAt.UTC()}
		}
		out.Reports = append(out.Reports, r)
	}
	return out
}

func detailsOf(p *tracker.Person) openapi.PersonInput {
	d := &p.Details
	out := openapi.PersonInput{
		Name: some(d.Name), Latin: some(d.Latin), Iin: some(d.IIN), Passport: some(d.Passport),
		BirthDate: day(d.BirthDate), PassportExpiry: day(d.PassportExpiry),
		Category: some(openapi.Category(p.Category.String())), Stay: some(openapi.Stay(p.Stay.String())), Persons: some(p.Persons),
		Country: some(p.Country), TourCode: some(d.TourCode), Party: some(p.Party), Guardian: some(p.Guardian), Note: some(d.Note),
	}
	if d.Sex != 0 {
		out.Sex = some(openapi.Sex(d.Sex.String()))
	}
	if len(d.Phones) > 0 {
		out.Phones = new(slices.Clone(d.Phones))
	}
	if len(d.Handles) > 0 {
		out.Handles = new(slices.Clone(d.Handles))
	}
	if p.Needs != 0 {
		out.Needs = new(needsOf(p.Needs))
	}
	return out
}

// day is a date in the contract's type; nil where none is known.
func day(s string) *types.Date {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return nil
	}
	return &types.Date{Time: t}
}

func reportOf(r *tracker.Report) openapi.Report {
	out := openapi.Report{
		Id: r.ID, PersonId: r.Person, Channel: openapi.Channel(r.Channel.String()), FixedAt: moment(r.FixedAt),
		Flags: (r.Flags &^ tracker.FlagCasualty).Words(), MedicineDays: r.MedicineDays, TellNames: some(r.TellNames),
		ReceivedAt: r.ReceivedAt.UTC(), EffectiveAt: r.EffectiveAt.UTC(), Persons: some(r.Persons), Country: some(r.Country),
		Note: some(r.Note), Phone: some(r.Phone), Address: some(r.Address), Reason: some(r.Reason),
	}
	if r.Wellbeing != 0 {
		out.Wellbeing = some(shownWellbeing(r.Wellbeing))
	}
	if r.Intention != 0 {
		out.Intention = some(openapi.Intention(r.Intention.String()))
	}
	if r.Contact != 0 {
		out.Contact = some(openapi.Contact(r.Contact.String()))
	}
	if r.HasNeeds {
		out.Needs = new(needsOf(r.Needs))
	}
	if r.Tell != 0 {
		out.Tell = some(openapi.Tell(r.Tell.String()))
	}
	if c := r.Caller; c != nil {
		out.Caller = &openapi.Caller{Name: some(c.Name), Phone: some(c.Phone), Relation: some(c.Relation), PersonId: some(c.Person)}
	}
	if p := r.Position; p != nil {
		out.Airport = some(p.Airport)
		out.Position = &openapi.Position{
			Lon: p.Point[0], Lat: p.Point[1], RadiusM: tidy(p.RadiusM), Method: openapi.Method(p.Method.String()), Flags: p.Flags.Words(),
			FixedAt: moment(r.FixedAt), ReceivedAt: r.ReceivedAt.UTC(),
		}
	}
	return out
}
