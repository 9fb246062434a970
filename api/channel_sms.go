package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
)

const smsPath = "/in/sms/:gateway"

// Messages a second of one number in the long run, and at once: what a person can
// type, and not what a flood needs.
const (
	smsPerSecond = 0.2
	smsBurst     = 100
)

// smsChannel takes text messages in from the gateways that are set up; without any it
// is off.
type smsChannel struct {
	*Server
	gateways map[string]*intake.SMSGateway
	numbers  *auth.Throttle
}

func newSMS(s *Server, gs []intake.SMSGateway) *smsChannel {
	const remembered = 100_000
	c := &smsChannel{Server: s, gateways: make(map[string]*intake.SMSGateway, len(gs)), numbers: auth.NewThrottle(smsPerSecond, smsBurst, remembered)}
	for i := range gs {
		c.gateways[gs[i].Name] = &gs[i]
	}
	return c
}

// deliver takes one delivery of a gateway, which may hold several messages: all are
// durable when it is answered with 200. The secret is looked at before a byte of the
// body is read, unless it signs the body.
func (s *smsChannel) deliver(c echo.Context) error {
	g, ok := s.gateways[c.Param("gateway")]
	if !ok {
		return refuse(http.StatusNotFound, "not_found", "There is no such page.")
	}
	req := c.Request()
	if !g.SignsBody() && !g.Verify(req.Header, nil) {
		return errWrongSecret
	}
	body, err := readBody(req)
	if err != nil {
		return err
	}
	if g.SignsBody() && !g.Verify(req.Header, body) {
		return errWrongSecret
	}
	ins, err := g.Decode(req.Header.Get("Content-Type"), body)
	if errors.Is(err, intake.ErrMediaType) {
		return refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "This gateway is set up to send another media type.")
	}
	if len(ins) == 0 && err != nil {
		return err
	}
	// One message that can't be read or stored must not keep the others out.
	failed := []error{err}
	answer := ""
	for i := range ins {
		text, err := s.receive(req.Context(), g, ins[i])
		if err != nil {
			failed = append(failed, err)
		}
		answer = text
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	if len(ins) == 1 {
		if media, reply, ok := g.Answer(answer); ok {
			return c.Blob(http.StatusOK, media, reply)
		}
	}
	return c.NoContent(http.StatusOK)
}

// receive stores one message and returns what is answered.
func (s *smsChannel) receive(ctx context.Context, g *intake.SMSGateway, in intake.Inbound) (string, error) {
	if in.Thread != "" {
		if err := s.throttle(s.numbers, in.Thread); err != nil {
			return "", err
		}
	}
	form := intake.ReadSMSForm(in.Text)
	link, err := s.linkInForce(ctx, form.Code)
	if err != nil {
		return "", err
	}
	text, err := s.take1(ctx, g, in, form, link)
	if errors.Is(err, tracker.ErrNotFound) && link != nil {
		// The link's person was erased: whoever writes now is new.
		text, err = s.take1(ctx, g, in, form, nil)
	}
	return text, err
}

// take1 takes one message through the door.
func (s *smsChannel) take1(ctx context.Context, g *intake.SMSGateway, in intake.Inbound, form intake.SMSForm, link *auth.Link) (string, error) {
	text := form.Unlinked()
	if link != nil {
		text = form.Rest
	}
	talk := intake.Talk{World: s.tracker.World(), Near: s.citizens.countries(auth.Link{}), Words: s.word, Link: link}
	got, err := s.take(ctx, "sms:"+g.Name, in, func(l line) (turn, error) {
		talk.Crisis, talk.Now = l.crisis, l.now
		spoken := intake.SpeakSMS(in, l.thread, form.Keyed, text, talk)
		var t turn
		if f := spoken.Filing; f != nil {
			if f.Callback != nil {
				s.inQueue(f.Callback, f.Report.Person, link)
			}
			t.filings = []tracker.Filing{*f}
		}
		if spoken.Callback != nil {
			s.inQueue(spoken.Callback, tracker.ID{}, link)
			t.talk.Callbacks = []tracker.Callback{*spoken.Callback}
		}
		t.reply = func(rs []tracker.Receipt) []byte {
			code := ""
			if len(rs) > 0 {
				code = rs[0].Code
			}
			return []byte(strings.ReplaceAll(spoken.Reply, "{code}", code))
		}
		return t, nil
	})
	if err != nil {
		return "", fmt.Errorf("take a text message: %w", err)
	}
	return string(got.reply), nil
}

// inQueue puts a call-back into the queue of the mission that is responsible for a
// person, or else of the one that a link is from.
func (s *smsChannel) inQueue(cb *tracker.Callback, person tracker.ID, link *auth.Link) {
	if link != nil {
		cb.Link, cb.Mission = link.ID, link.Mission
	}
	if row, ok := s.citizens.person(person); ok && !row.Mission.IsZero() {
		cb.Mission = row.Mission
	}
}
