package data

import (
	"context"
	"fmt"
	"slices"

	"aman/geo/tracker"
)

func (s *sealer) report(e *encoded, r *tracker.Report) error {
	k, aead, err := s.key(r.Person)
	if err != nil {
		return err
	}
	if k.crisis != r.Crisis {
		return fmt.Errorf("person %s in crisis %s: %w", r.Person, r.Crisis, tracker.ErrNotFound)
	}
	var sealed []byte
	if b := appendSayings(s.buf[:0], r); b != nil {
		s.buf = b
		sealed = aead.Seal(nil, nil, b, rowAAD("reports", r.ID, 0))
	}
	method, flags := methodAndFlags(r)
	e.add(tReports, reportKey(r), r.Person[:], r.ID[:], r.Crisis[:], int64(r.Channel), idArg(r.Source),
		toMicros(r.FixedAt), toMicros(r.SentAt), toMicros(r.ReceivedAt), toMicros(r.EffectiveAt),
		int64(r.Wellbeing), int64(r.Intention), int64(r.Contact), int64(r.Persons), int64(r.Needs), r.HasNeeds,
		r.Country, toMicros(r.OnwardUntil), int64(method), int64(flags), blobArg(sealed), nil)
	return nil
}

type storedReport struct {
	tracker.Report
	method          tracker.Method
	flags           tracker.Flags
	sealed, wrapped []byte
	commit          tracker.ID
}

var reportSource = source[storedReport]{
	query: `SELECT r.person_id, r.id, r.crisis_id, r.channel, r.source_id, r.fixed_at, r.sent_at, r.received_at,
		r.effective_at, r.wellbeing, r.intention, r.contact, r.persons, r.needs, r.has_needs, r.country,
		r.onward_until, r.method, r.flags, r.sealed, r.commit_id, k.wrapped
		FROM reports r JOIN person_keys k ON k.person_id = r.person_id WHERE k.wrapped IS NOT NULL`,
	where: `AND`, commit: `r.commit_id`, order: `ORDER BY r.person_id, r.id`,
	dest: func(x *storedReport) []any {
		return []any{
			&x.Person, &x.ID, &x.Crisis, num(&x.Channel), &x.Source,
			intoTime{&x.FixedAt},
			intoTime{&x.SentAt},
			intoTime{&x.ReceivedAt},
			intoTime{&x.EffectiveAt},
			num(&x.Wellbeing), num(&x.Intention),
			num(&x.Contact), num(&x.Persons), num(&x.Needs),
			intoBool{&x.HasNeeds},
			intoText{&x.Country},
			intoTime{&x.OnwardUntil},
			num(&x.method), num(&x.flags),
			intoBlob{&x.sealed},
			&x.commit,
			intoBlob{&x.wrapped},
		}
	},
	commitOf: func(x *storedReport) tracker.ID { return x.commit },
	open: func(o *opener, x *storedReport) error {
		if x.sealed == nil {
			return x.fill(nil)
		}
		b, err := o.open("reports", x.Person, x.wrapped, x.ID, 0, x.sealed)
		if err != nil {
			return err
		}
		return x.fill(b)
	},
}

// fill finishes a report with what its columns and its plain text, nil where nothing
// was sealed, say together.
func (x *storedReport) fill(plain []byte) error {
	x.Flags = x.flags & tracker.ReportFlags
	x.flags &^= tracker.ReportFlags &^ tracker.FlagLowTrust // about the report alone
	if plain == nil {
		return nil
	}
	return decodeSayings(plain, &x.Report, x.method, x.flags)
}

func (s *sealer) retraction(e *encoded, r *tracker.Retraction) error {
	_, aead, err := s.key(r.Person)
	if err != nil {
		return err
	}
	var sealed []byte
	if r.Reason != "" {
		sealed = aead.Seal(nil, nil, []byte(r.Reason), rowAAD("retractions", r.Report, 0))
	}
	e.add(tRetractions, retractionKey(r), r.Person[:], r.Report[:], idArg(r.Author), toMicros(r.RecordedAt),
		blobArg(sealed), nil)
	return nil
}

type storedRetraction struct {
	tracker.Retraction
	sealed, wrapped []byte
	commit          tracker.ID
}

var retractionSource = source[storedRetraction]{
	query: `SELECT t.person_id, t.report_id, t.author, t.recorded_at, t.sealed, t.commit_id, k.wrapped
		FROM retractions t JOIN person_keys k ON k.person_id = t.person_id WHERE k.wrapped IS NOT NULL`,
	where: `AND`, commit: `t.commit_id`, order: `ORDER BY t.person_id, t.report_id`,
	dest: func(x *storedRetraction) []any {
		return []any{&x.Person, &x.Report, &x.Author, intoTime{&x.RecordedAt}, intoBlob{&x.sealed}, &x.commit, intoBlob{&x.wrapped}}
	},
	commitOf: func(x *storedRetraction) tracker.ID { return x.commit },
	open: func(o *opener, x *storedRetraction) error {
		x.Reason = ""
		if x.sealed == nil {
			return nil
		}
		b, err := o.open("retractions", x.Person, x.wrapped, x.Report, 0, x.sealed)
		x.Reason = string(b)
		return err
	},
}

// ReportsOf lists a person's reports, newest first by EffectiveAt and then by
// id, at most limit (0: all), with the retractions of those that were taken
// back. Positions have the flags that the last rulings left them. A person who
// isn't there has none.
func (d *DB) ReportsOf(ctx context.Context, person tracker.ID, limit int) ([]tracker.Report, []tracker.Retraction, error) {
	ts, err := all(ctx, d.vault, d.readers, &retractionSource, retractionSource.text(`t.person_id = $1`), person[:])
	if err != nil {
		return nil, nil, fmt.Errorf("read retractions of person %s: %w", person, d.unavailable(err))
	}
	xs, err := all(ctx, d.vault, d.readers, &reportSource, reportSource.text(`r.person_id = $1`), person[:])
	if err != nil {
		return nil, nil, fmt.Errorf("read reports of person %s: %w", person, d.unavailable(err))
	}
	packed, err := d.packedOf(ctx, person)
	if err != nil {
		return nil, nil, fmt.Errorf("read reports of person %s: %w", person, d.unavailable(err))
	}
	xs = append(xs, packed...)
	us, err := all(ctx, d.vault, d.readers, &rulingSource, rulingSource.text(`u.person_id = $1`), person[:])
	if err != nil {
		return nil, nil, fmt.Errorf("read rulings of person %s: %w", person, d.unavailable(err))
	}
	ruled := map[tracker.ID]tracker.Flags{}
	for i := range us {
		ruled[us[i].Report] = us[i].Flags // in the order of n: the last stays
	}
	for i := range xs {
		rule(&xs[i].Report, ruled)
	}
	slices.SortFunc(xs, func(a, b storedReport) int {
		if c := b.EffectiveAt.Compare(a.EffectiveAt); c != 0 {
			return c
		}
		return b.ID.Compare(a.ID)
	})
	if limit > 0 && len(xs) > limit {
		xs = xs[:limit]
	}
	rs := make([]tracker.Report, len(xs))
	listed := make(map[tracker.ID]bool, len(xs))
	for i := range xs {
		rs[i] = xs[i].Report
		listed[xs[i].ID] = true
	}
	var back []tracker.Retraction
	for i := range ts {
		if listed[ts[i].Report] {
			back = append(back, ts[i].Retraction)
		}
	}
	return rs, back, nil
}
