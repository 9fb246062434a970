package intake

import (
	"encoding/json"
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
