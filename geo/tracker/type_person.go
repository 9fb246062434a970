package tracker

import (
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// Person is one version of a human (or a group that has one name only) in the
// crisis's care. How they are is said by reports; this is who they are.
type Person struct {
	ID       ID
	Crisis   ID
	Version  int
	Category Category
	Stay     Stay
	// Persons counts the people that the record stands for, 1..999.
	Persons int
	Needs   Needs
	// Country is declared, ISO 3166-1 alpha-2; it places people without a position.
	Country string
	Party   ID
	// Guardian answers for a minor.
	Guardian ID
	// Mission is responsible since the record was made; zero: by the first
	// place that a report gives, as an Assignment.
	Mission    ID
	Details    Details
	Author     ID
	RecordedAt time.Time
}

// Details is what identifies a person: sealed wherever it is stored, and never
// written to a log.
type Details struct {
	Name           string   `json:"name,omitempty"`  // as given
	Latin          string   `json:"latin,omitempty"` // as in the passport
	BirthDate      string   `json:"birth_date,omitempty"`
	Sex            Sex      `json:"sex,omitempty"`
	IIN            string   `json:"iin,omitempty"`
	Passport       string   `json:"passport,omitempty"`
	PassportExpiry string   `json:"passport_expiry,omitempty"`
	Phones         []string `json:"phones,omitempty"` // E.164
	Handles        []string `json:"handles,omitempty"`
	TourCode       string   `json:"tour_code,omitempty"`
	Sources        []string `json:"sources,omitempty"`
	Note           string   `json:"note,omitempty"`
}

// Unidentified: counted as such, and nobody knows a name.
func (d *Details) Unidentified() bool { return d.Name == "" && d.Latin == "" }

// Assignment hands a person to a mission. The first one is made by area when a
// report first gives a place; later ones are hand-overs.
type Assignment struct {
	Person     ID
	N          int // 1, 2, …: unique for the person
	Mission    ID
	Reason     string
	Author     ID
	RecordedAt time.Time
}

// Position is where somebody was.
type Position struct {
	Point orb.Point // lon, lat in degrees
	// RadiusM is the error radius in metres, normalised to 95 %; > 0.
	RadiusM float64
	Method  Method
	Flags   Flags
	// Airport is the IATA or ICAO code of the airport that was named, if one was.
	Airport string
}

// Report is one thing that somebody said about a person. It is immutable.
// Fields that were not said are zero.
type Report struct {
	ID      ID
	Crisis  ID
	Person  ID
	Channel Channel
	// Source names the account, link or key that it came through.
	Source ID
	// Flags, of ReportFlags, say how far the report as a whole is trusted.
	Flags Flags
	// FixedAt and SentAt are device time, ReceivedAt the server's; EffectiveAt
	// orders reports (see Effective).
	FixedAt     time.Time
	SentAt      time.Time
	ReceivedAt  time.Time
	EffectiveAt time.Time

	Wellbeing Wellbeing
	Intention Intention
	Contact   Contact
	Persons   int
	Needs     Needs
	HasNeeds  bool
	Position  *Position
	Country   string // declared, without a position
	// OnwardUntil: an onward leg stands until then (itinerary); zero: nothing said.
	OnwardUntil time.Time

	// MedicineDays is for how many days the medicine lasts, 0..365; nil: not said.
	MedicineDays *int // sealed

	Note    string // sealed
	Phone   string // sealed
	Address string // sealed
	Reason  string // why, for a staff edit

	// Tell is whom we may tell about the person, as they wish; TellNames says who,
	// for TellNamed.
	Tell      Tell   // sealed
	TellNames string // sealed
	// Caller is who said it, where that is not the person.
	Caller *Caller // sealed
}

// Caller is somebody who rang or wrote about somebody else.
type Caller struct {
	Name, Phone, Relation string
	// Person is set where the caller is in the crisis's care too.
	Person ID
}

// Merge says that two records stand for one human: Gone's reports count with Kept
// from then on; with Kept zero that they do not, after all. All stays stored with
// whom it was said about, so that the one undoes the other exactly.
type Merge struct {
	Crisis     ID
	N          int // 1, 2, … within the crisis: merges happen one after another
	Gone, Kept ID
	Reason     string // sealed
	Author     ID
	RecordedAt time.Time
}

// Ruling says which of the Untrusted flags a report's fix carries from then on:
// the detector's, when many fixes together show what one alone doesn't, or
// staff's, who asked the person. The one with the highest N stands.
type Ruling struct {
	Report, Person ID
	N              int // 1, 2, …: unique for the report
	Flags          Flags
	Reason         string // sealed
	Author         ID     // zero: the detector, or a second source
	RecordedAt     time.Time
}

// Erasure takes a person out of everything and destroys the key that what was
// said about them is sealed with.
type Erasure struct {
	Crisis, Person ID
	Reason         string // why it was asked for; no personal data
	Author         ID
	RecordedAt     time.Time
}

// Effective is the time that orders reports: the fix's own, moved by what the
// phone's clock is off (received − sent); without a sending time the fix's
// own; from the future, or without a fix time, the time of receipt.
func Effective(fixed, sent, received time.Time) time.Time {
	if fixed.IsZero() {
		return received
	}
	e := fixed
	if !sent.IsZero() {
		e = fixed.Add(received.Sub(sent))
	}
	if e.After(received) {
		return received
	}
	return e
}

// Retraction takes a mistaken report back, with a reason.
type Retraction struct {
	Report     ID
	Person     ID
	Reason     string
	Author     ID
	RecordedAt time.Time
}

// Clone copies the details deeply.
func (d Details) Clone() Details {
	d.Phones = slices.Clone(d.Phones)
	d.Handles = slices.Clone(d.Handles)
	d.Sources = slices.Clone(d.Sources)
	return d
}
