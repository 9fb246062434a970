package main

import (
	"context"
	"fmt"
	"time"

	"aman/data/seed"
	"aman/geo/tracker"
)

// desk gives the demo what staff work with beside the picture: hotlines, who is on
// duty, and people who wait to be rung. All of it is invented; no number is real.
func (d *demo) desk(ctx context.Context) error {
	now := d.now.UTC().Truncate(time.Microsecond)
	missions := d.data.Base.Missions
	for i, m := range missions {
		err := d.db.SetHotlines(ctx, m.ID, []tracker.Hotline{{
			ID: tracker.NewID(), Mission: m.ID, Phone: fmt.Sprintf("+70000000%03d", i+1), Public: true,
			Names: tracker.Names{KK: "Жедел желі (демо)", RU: "Горячая линия (демо)", EN: "Hotline (demo)"},
		}}, system("demo.hotlines"))
		if err != nil {
			return fmt.Errorf("store a demo hotline: %w", err)
		}
	}
	first := missions[0]
	from := now.Truncate(12 * time.Hour)
	var shifts []tracker.Shift
	for i, name := range []string{"Officer A (demo)", "Officer B (demo)", "Officer C (demo)"} {
		at := from.Add(time.Duration(i) * 12 * time.Hour)
		shifts = append(shifts, tracker.Shift{
			ID: tracker.NewID(), Mission: first.ID, Name: name, Phone: fmt.Sprintf("+70000001%03d", i), From: at, To: at.Add(12 * time.Hour),
		})
	}
	if err := d.db.SetShifts(ctx, first.ID, from, from.Add(48*time.Hour), shifts, system("demo.shifts")); err != nil {
		return fmt.Errorf("store the demo's rota: %w", err)
	}
	crisis := d.data.Base.Crises[0].ID
	var talk tracker.Talk
	for i, c := range []tracker.Callback{
		{Kind: tracker.CallbackHelp, Text: "Link expired. Diabetic, insulin for two days. (demo)"},
		{Kind: tracker.CallbackSee, Text: "What do you hold about me? (demo)", Person: d.data.Base.People[0].ID},
		{Kind: tracker.CallbackUnreadable, Text: "salem biz tort adam auejaida (demo)"},
	} {
		c.ID, c.Version, c.Crisis, c.State, c.Mission = tracker.NewID(), 1, crisis, tracker.CallbackOpen, first.ID
		c.Phone = fmt.Sprintf("+70000002%03d", i)
		c.CreatedAt = now.Add(-time.Duration(7+11*i) * time.Minute)
		c.RecordedAt = c.CreatedAt
		talk.Callbacks = append(talk.Callbacks, c)
	}
	if _, err := d.db.Commit(ctx, &tracker.Write{Talk: talk, Audit: system("demo.callbacks")}); err != nil {
		return fmt.Errorf("store the demo's call-backs: %w", err)
	}
	return nil
}

// twins gives two records of the demo to one invented man, spelt twice: what
// "who is who" is for.
func twins(d *seed.DemoData) {
	spelt := []tracker.Details{
		{Name: "Шыңғыс Үсенов", BirthDate: "1987-04-12", Sex: tracker.Male},
		{Name: "Усенов Чингиз", Latin: "USSENOV CHINGIZ", BirthDate: "1987-04-12", Sex: tracker.Male},
	}
	for i := range d.Base.People {
		p := &d.Base.People[i]
		if len(spelt) == 0 {
			return
		}
		if p.Country != d.Base.Missions[0].Countries[0] || p.Persons != 1 || !p.Party.IsZero() || p.Details.Sex != tracker.Male || i == 0 {
			continue
		}
		p.Details.Name, p.Details.Latin, p.Details.BirthDate = spelt[0].Name, spelt[0].Latin, spelt[0].BirthDate
		p.Details.IIN, p.Details.Passport, p.Details.PassportExpiry = "", "", ""
		spelt = spelt[1:]
	}
}
