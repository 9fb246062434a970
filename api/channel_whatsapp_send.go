package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aman/api/intake"
)

// Limits of the Cloud API, in characters.
const (
	whatsAppBody     = 1024 // the text of a message with buttons
	whatsAppTitle    = 20   // a button, and what opens a list
	whatsAppRow      = 24   // a row of a list
	whatsAppRowMore  = 72   // what stands under a row
	whatsAppButtons  = 3
	whatsAppRows     = 10
	whatsAppTextMost = 4096
)

type object = map[string]any

// say implements messenger.
func (w *whatsAppChannel) say(ctx context.Context, to string, r intake.Reply) error {
	for _, m := range whatsAppMessages(r) {
		m["messaging_product"], m["recipient_type"], m["to"] = "whatsapp", "individual", strings.TrimPrefix(to, "+")
		if err := w.send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// acknowledge implements messenger: WhatsApp's buttons wait for nothing.
func (w *whatsAppChannel) acknowledge(context.Context, string) error { return nil }

// whatsAppMessages is a reply in the forms of the Cloud API: a question for the place,
// up to three buttons, a list of up to ten, or a text. A text that is too long to stand
// over buttons goes ahead of them.
func whatsAppMessages(r intake.Reply) []object {
	var buttons []intake.Button
	text := r.Text
	for _, row := range r.Rows {
		for _, b := range row {
			if b.URL != "" {
				text += "\n" + b.URL
			} else {
				buttons = append(buttons, b)
			}
		}
	}
	if r.AskPlace == "" && len(buttons) == 0 {
		return []object{whatsAppText(text)}
	}
	var before []object
	if utf8.RuneCountInString(text) > whatsAppBody {
		before, text = []object{whatsAppText(text)}, "…"
	}
	body := object{"text": text}
	interactive := object{"type": "location_request_message", "body": body, "action": object{"name": "send_location"}}
	switch {
	case r.AskPlace != "":
	case len(buttons) <= whatsAppButtons && fit(buttons, whatsAppTitle):
		var replies []object
		for _, b := range buttons {
			replies = append(replies, object{"type": "reply", "reply": object{"id": b.Choice, "title": b.Label}})
		}
		interactive = object{"type": "button", "body": body, "action": object{"buttons": replies}}
	default:
		var rows []object
		for _, b := range buttons[:min(len(buttons), whatsAppRows)] {
			row := object{"id": b.Choice, "title": clip(b.Label, whatsAppRow)}
			if utf8.RuneCountInString(b.Label) > whatsAppRow {
				row["description"] = clip(b.Label, whatsAppRowMore)
			}
			rows = append(rows, row)
		}
		menu := r.Menu
		if menu == "" {
			menu = "☰"
		}
		interactive = object{"type": "list", "body": body, "action": object{
			"button": clip(menu, whatsAppTitle), "sections": []object{{"rows": rows}},
		}}
	}
	return append(before, object{"type": "interactive", "interactive": interactive})
}

func whatsAppText(text string) object {
	return object{"type": "text", "text": object{"preview_url": false, "body": clip(text, whatsAppTextMost)}}
}

func fit(bs []intake.Button, most int) bool {
	for _, b := range bs {
		if utf8.RuneCountInString(b.Label) > most {
			return false
		}
	}
	return true
}

// clip cuts a text to at most n characters, and shows that it did.
func clip(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	return string(r[:n-1]) + "…"
}

// send posts one message to the Graph API.
func (w *whatsAppChannel) send(ctx context.Context, message object) error {
	body, err := json.Marshal(message)
	if err != nil {
		return &sendError{code: "refused", permanent: true}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.o.API+"/"+w.o.PhoneID+"/messages", bytes.NewReader(body))
	if err != nil {
		return &sendError{code: "refused", permanent: true}
	}
	req.Header.Set("Authorization", "Bearer "+w.o.Token)
	req.Header.Set("Content-Type", "application/json")
	res, err := w.http.Do(req)
	if err != nil {
		return &sendError{code: "unavailable"}
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return nil
	}
	var a struct {
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	_ = json.NewDecoder(res.Body).Decode(&a) // without a code the status tells
	return whatsAppFailure(res, a.Error.Code)
}

// whatsAppFailure reads a refusal by the error codes of Meta's documentation ("Error
// codes", WhatsApp Business Platform), and where those don't tell, by the status.
func whatsAppFailure(res *http.Response, code int) error {
	retry := time.Duration(0)
	if n, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && n > 0 {
		retry = time.Duration(min(n, 3600)) * time.Second
	}
	switch code {
	case 131047: // more than 24 hours since they wrote last
		return &sendError{code: "window_closed", permanent: true}
	case 131026, 131030, 131021: // not on WhatsApp, or took us off; not allowed; ourselves
		return &sendError{code: "blocked", permanent: true}
	case 131050: // they want nothing from us
		return &sendError{code: "blocked", permanent: true}
	case 4, 80007, 130429, 131048, 131056: // too much at once, or to one number
		return &sendError{code: "too_many", retry: retry}
	case 0, 3, 10, 190, 200: // the token
		if res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden || code != 0 {
			return &sendError{code: "unauthorized", retry: retry}
		}
	case 1, 2, 131000, 131016, 133004: // theirs
		return &sendError{code: "unavailable", retry: retry}
	}
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		return &sendError{code: "too_many", retry: retry}
	case res.StatusCode >= 400 && res.StatusCode < 500:
		return &sendError{code: "refused", permanent: true}
	default:
		return &sendError{code: "unavailable", retry: retry}
	}
}
