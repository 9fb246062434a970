package intake

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"aman/geo/tracker"
)

// linkNeeds are the needs that a citizen can say; the others say who somebody is,
// and staff set them.
const linkNeeds = tracker.NeedMedicine | tracker.NeedMedical | tracker.NeedShelter |
	tracker.NeedDocuments | tracker.NeedMoney | tracker.NeedEvacuation

// maxPinM is the coarsest point of a map, metres: a tap on one of a whole region.
const maxPinM = 200_000

// setMore reads the fields of what isn't asked first: needs, whom we may tell, and
// for whom somebody answers.
func (r *LinkReport) setMore(field, text string) (err error) {
	switch field {
	case "needs":
		n, bad := tracker.ParseNeeds([]string{text})
		if bad != nil || n&^linkNeeds != 0 {
			return broken("not_one_of", "is not one of "+strings.Join(linkNeeds.Words(), ", "))
		}
		r.Needs |= n
	case "medicine_days":
		n, bad := strconv.Atoi(strings.TrimSpace(text))
		if bad != nil {
			return broken("wrong_type", "is not a whole number")
		}
		if n < 0 || n > 365 {
			return broken("out_of_range", "is not in 0 to 365")
		}
		r.MedicineDays = &n
	case "tell":
		if r.Tell, err = tracker.ParseTell(text); err != nil {
			return broken("not_one_of", "is not one of nobody, family, named")
		}
	case "tell_names":
		r.TellNames, err = said(text, 300)
	case "child":
		if r.Child, err = said(text, 100); err == nil {
			r.Child = strings.Join(strings.Fields(r.Child), " ") // a name has no lines
		}
	case "pin_m":
		r.PinM, err = decimal(text)
		if err == nil && (r.PinM < 0 || r.PinM > maxPinM) {
			err = broken("out_of_range", "is not in 0 to 200000")
		}
	}
	return err
}

// saysMore tells whether setMore's fields say anything of how somebody is: for whom
// a report is doesn't.
func (r *LinkReport) saysMore() bool {
	return r.Needs != 0 || r.MedicineDays != nil || r.Tell != 0
}

// more is what Hash takes of the fields of setMore; nil when none was said, so that
// reports without them keep the hash that they had before there were any.
func (r *LinkReport) more() []byte {
	if !r.saysMore() && r.Child == "" && r.PinM == 0 {
		return nil
	}
	text, err := json.Marshal([]any{r.Needs, r.MedicineDays, r.Tell, r.TellNames, r.Child, r.PinM})
	if err != nil {
		panic(err) // can't be: whole numbers, finite ones and texts
	}
	return text
}

// DecodeReceipt reads the body with which a page asks what became of a report:
// {"receipt": "…"}, the contract's LinkReceiptQuery. Errors: as of DecodeLink.
func DecodeReceipt(contentType string, body []byte) (sealed string, err error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "application/json" || !UTF8(params) {
		return "", ErrMediaType
	}
	err = whole(body, func(s *scanner) error {
		seen, err := s.object([]string{"receipt"}, func(int) (err error) {
			if sealed, err = s.text(); err == nil {
				err = atMost(sealed, 400)
			}
			return err
		})
		if err == nil && seen == 0 {
			err = under("receipt", broken("required", "is missing"))
		}
		return err
	})
	return sealed, err
}

// LinkAsk is what a citizen asks on the page of what we hold about them.
type LinkAsk struct {
	ID     tracker.ID // zero: none was sent
	Secret string
	// Hide withholds the person's places.
	Hide bool
	// Kind is what they want to be rung for, at Phone; zero: nothing.
	Kind        tracker.CallbackKind
	Phone, Note string
}

// Hash tells a form that is sent again from another one of the same id.
func (a *LinkAsk) Hash() [32]byte {
	return sha256.Sum256([]byte(a.Kind.String() + "\x00" + a.Phone + "\x00" + a.Note))
}

// DecodeAsk reads the form of that page. Whatever else stands in it is left: the
// form of the first page is sent there too, to carry its secret along. Errors: as
// of DecodeLink.
func DecodeAsk(contentType string, body []byte) (a LinkAsk, typed url.Values, err error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "application/x-www-form-urlencoded" || !UTF8(params) {
		return a, nil, ErrMediaType
	}
	typed, err = ReadForm(body)
	if err != nil {
		return a, typed, err
	}
	a.Secret = typed.Get("secret")
	a.ID, _ = tracker.ParseID(typed.Get("id")) // one that can't be read makes no retry harmless, and no harm
	switch do := typed.Get("do"); do {
	case "":
		return a, typed, nil
	case "hide":
		a.Hide = true
		return a, typed, nil
	case "see", "correct", "erase":
		if a.Kind, err = tracker.ParseCallbackKind(do); err != nil {
			panic(err) // can't be: the three are kinds
		}
	default:
		return a, typed, under("do", broken("not_one_of", "is not one of hide, see, correct, erase"))
	}
	var errs []error
	if a.Phone, err = said(typed.Get("phone"), 40); err == nil {
		if a.Phone == "" {
			err = broken("required", "is missing")
		} else {
			err = dialled(a.Phone)
		}
	}
	if err != nil {
		errs = append(errs, under("phone", err))
	}
	if a.Note, err = said(typed.Get("note"), 500); err != nil {
		errs = append(errs, under("note", err))
	}
	return a, typed, errors.Join(errs...)
}
