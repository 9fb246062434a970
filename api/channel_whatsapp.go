package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"regexp"

	"github.com/labstack/echo/v4"

	"aman/api/intake"
	"aman/geo/tracker"
)

// WhatsAppOptions let people write to a number of the WhatsApp Cloud API; the zero
// value is off.
type WhatsAppOptions struct {
	// Token is the system user's; PhoneID the number's phone_number_id.
	Token, PhoneID string
	// AppSecret is what Meta signs deliveries with; VerifyToken what it shows when the
	// webhook is set up: at least 16 characters each.
	AppSecret, VerifyToken string
	// API is where the Graph API is, with its version; default
	// https://graph.facebook.com/v23.0.
	API string
}

const (
	whatsAppPath   = "/in/whatsapp"
	whatsAppSource = "whatsapp"
	whatsAppSigned = "X-Hub-Signature-256"
	// longestChallenge is the most characters of a challenge that are given back.
	longestChallenge = 200
)

var (
	whatsAppNumber    = regexp.MustCompile(`^[0-9]{5,20}$`)
	whatsAppToken     = regexp.MustCompile(`^[!-~]{10,1000}$`)
	whatsAppChallenge = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,200}$`)
)

// whatsAppChannel takes deliveries in and sends messages out. A nil one is off.
type whatsAppChannel struct {
	*Server
	o    WhatsAppOptions
	http *providerClient
}

// newWhatsApp checks the options; nil without any. Errors name the setting, never its
// value.
func newWhatsApp(s *Server, o WhatsAppOptions) (*whatsAppChannel, error) {
	if o == (WhatsAppOptions{API: o.API}) {
		return nil, nil
	}
	if o.API == "" {
		o.API = "https://graph.facebook.com/v23.0"
	}
	var err error
	if o.API, err = providerBase("WhatsApp's address", o.API); err != nil {
		return nil, err
	}
	switch {
	case !whatsAppToken.MatchString(o.Token):
		return nil, errors.New("whatsapp's token is missing or too short")
	case !whatsAppNumber.MatchString(o.PhoneID):
		return nil, errors.New("whatsapp's phone id is missing, or is not a number")
	case len(o.AppSecret) < 16:
		return nil, errors.New("whatsapp's app secret is missing or too short: it tells Meta from others")
	case len(o.VerifyToken) < 16:
		return nil, errors.New("whatsapp's verify token is missing, or has fewer than 16 characters")
	}
	return &whatsAppChannel{Server: s, o: o, http: newProviderClient(providerWithin, providerAnswer)}, nil
}

// verify answers Meta's handshake: the challenge, to whoever knows the verify token.
func (w *whatsAppChannel) verify(c echo.Context) error {
	if w == nil {
		return refuse(http.StatusNotFound, "not_found", "There is no such page.")
	}
	given, want := sha256.Sum256([]byte(c.QueryParam("hub.verify_token"))), sha256.Sum256([]byte(w.o.VerifyToken))
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 || c.QueryParam("hub.mode") != "subscribe" {
		return refuse(http.StatusForbidden, "forbidden", "This is for the provider alone.")
	}
	challenge := c.QueryParam("hub.challenge")
	if len(challenge) > longestChallenge || !whatsAppChallenge.MatchString(challenge) {
		return refuse(http.StatusBadRequest, "bad_query", "The challenge can't be read.")
	}
	return c.String(http.StatusOK, challenge)
}

// events takes one delivery, which may hold several messages: all are durable when it
// is answered with 200. The body is read, for it is what is signed, and looked at only
// when the signature fits.
func (w *whatsAppChannel) events(c echo.Context) error {
	if w == nil {
		return refuse(http.StatusNotFound, "not_found", "There is no such page.")
	}
	signature := c.Request().Header.Get(whatsAppSigned)
	if signature == "" {
		return errWrongSecret
	}
	body, err := readBody(c.Request())
	if err != nil {
		return err
	}
	if !intake.WhatsAppSigned(signature, body, w.o.AppSecret) {
		return errWrongSecret
	}
	ins, err := intake.DecodeWhatsApp(body, w.o.PhoneID)
	if err != nil {
		return err
	}
	// One message that can't be stored must not keep those after it out.
	var failed []error
	for i := range ins {
		if err := w.receive(c.Request().Context(), ins[i]); err != nil {
			failed = append(failed, err)
		}
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// receive stores one message and queues what is answered.
func (w *whatsAppChannel) receive(ctx context.Context, in intake.Inbound) error {
	replies, _, err := w.converse(ctx, whatsAppSource, in)
	if err != nil {
		return err
	}
	w.replies.put(ctx, in.ID, answering{channel: tracker.ChannelWhatsApp, to: in.Thread, replies: replies})
	return nil
}
