package api

import (
	"context"
	"slices"
	"strings"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

// converse takes one delivery of a messenger in and returns what is said to it.
func (s *Server) converse(ctx context.Context, source string, in intake.Inbound) ([]intake.Reply, taken, error) {
	link, secret, err := s.linkIn(ctx, &in)
	if err != nil {
		return nil, taken{}, err
	}
	talk := intake.Talk{
		World: s.tracker.World(), Near: s.citizens.countries(auth.Link{}), Words: s.word,
		Hotlines: func(country, lang string) string { return s.numbersToRing(ctx, country, lang) },
		Link:     link, Secret: secret,
	}
	group := intake.GroupTalk{Words: s.word, Link: link, Private: s.telegram.privateTalk, Page: s.pageOf}
	got, err := s.take(ctx, source, in, func(l line) (turn, error) {
		switch {
		case in.MovedTo != "":
			return s.moved(ctx, &in, l)
		case in.Group:
			return turnOf(intake.ConverseGroup(in, l.thread, group)), nil
		default:
			talk.Crisis, talk.Now, talk.Heard, talk.Gone = l.crisis, l.now, l.heard, l.gone
			t := turnOf(intake.Converse(in, l.thread, talk))
			s.queueOf(&t)
			return t, nil
		}
	})
	if err != nil {
		return nil, taken{}, err
	}
	replies, err := intake.DecodeReplies(got.reply)
	return replies, got, err
}

// turnOf is what the door stores of a turn of a conversation.
func turnOf(sp intake.Spoken) turn {
	t := turn{reply: func(rs []tracker.Receipt) []byte {
		code := ""
		if len(rs) > 0 {
			code = rs[0].Code
		}
		return intake.EncodeReplies(sp.Replies, code)
	}}
	th := sp.Thread
	switch {
	case sp.Filing != nil && sp.Owned && sp.Changed || sp.Filing != nil && sp.Owned && th.Person.IsZero():
		sp.Filing.Thread = &th
	case sp.Changed:
		t.talk.Threads = []tracker.Thread{th}
	}
	if sp.Filing != nil {
		sp.Filing.Callback = sp.Callback
		t.filings = []tracker.Filing{*sp.Filing}
	} else if sp.Callback != nil {
		t.talk.Callbacks = []tracker.Callback{*sp.Callback}
	}
	return t
}

// queueOf puts a call-back into the queue of the mission that its person has.
func (s *Server) queueOf(t *turn) {
	for i := range t.talk.Callbacks {
		cb := &t.talk.Callbacks[i]
		v := s.tracker.Snapshot().View(tracker.Scope{All: true}, s.now())
		if row, ok := personOf(v, cb.Person); ok {
			cb.Mission = row.Mission
			if cb.Phone == "" {
				cb.Phone = row.Phone
			}
		}
	}
}

// moved takes a line over to its new key: a group that has become another kind of
// group. The old line is kept, shut.
func (s *Server) moved(ctx context.Context, in *intake.Inbound, old line) (turn, error) {
	if !old.known {
		return turn{}, nil
	}
	next, err := s.lineOf(ctx, old.crisis, in.Channel, in.MovedTo)
	if err != nil {
		return turn{}, err
	}
	var t turn
	if !next.known || next.thread.Mission.IsZero() {
		n, o := next.thread, old.thread
		n.Group, n.Mission, n.Lang, n.State, n.Person = o.Group, o.Mission, o.Lang, o.State, o.Person
		t.talk.Threads = append(t.talk.Threads, n)
	}
	gone := intake.ConverseGroup(intake.Inbound{Channel: in.Channel, Group: true, Gone: true}, old.thread, intake.GroupTalk{Words: s.word})
	t.talk.Threads = append(t.talk.Threads, gone.Thread)
	return t, nil
}

// linkIn finds the link that a message came by; nil where it came by none that is in
// force.
func (s *Server) linkIn(ctx context.Context, in *intake.Inbound) (link *auth.Link, secret string, err error) {
	code, secret := intake.LinkCode(in)
	link, err = s.linkInForce(ctx, code)
	if link == nil {
		secret = ""
	}
	return link, secret, err
}

// word is a text of the catalogue.
func (s *Server) word(lang, key string) string { return s.catalogue(lang)[key] }

// pageOf is the address of a link's page.
func (s *Server) pageOf(code string) string {
	return (&auth.Link{Code: code}).Address(s.public.String(), "")
}

// numbersToRing are the numbers for somebody in a country, one a line: those of the
// missions that answer for it, or else the ministry's. Where none is known there is
// none: a number is never made up.
func (s *Server) numbersToRing(ctx context.Context, country, lang string) string {
	const most = 4
	var lines []string
	add := func(who, phone string) {
		text := strings.TrimSpace(who + " " + phone)
		if phone != "" && len(lines) < most && !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	hotlines, err := s.store.Hotlines(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "hotlines are left out of an answer", "error", err)
	}
	of := func(mission tracker.ID) {
		for _, h := range hotlines {
			if h.Public && h.Mission == mission {
				add(h.Names.In(lang), h.Phone)
			}
		}
	}
	for _, m := range s.tracker.Snapshot().Missions() {
		if country != "" && slices.Contains(m.Countries, country) {
			add(m.Names.In(lang), m.DutyPhone)
			of(m.ID)
		}
	}
	of(tracker.ID{})
	return strings.Join(lines, "\n")
}
