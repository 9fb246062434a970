package tracker

import (
	"fmt"
	"strings"
)

// Names is a text in the three languages that people read.
type Names struct {
	KK string `json:"kk"`
	RU string `json:"ru"`
	EN string `json:"en"`
}

// In returns the text in lang ("kk", "ru" or "en"); where that is empty, the
// first that is not, in the order en, ru, kk.
func (n Names) In(lang string) string {
	switch {
	case lang == "kk" && n.KK != "":
		return n.KK
	case lang == "ru" && n.RU != "":
		return n.RU
	}
	for _, s := range []string{n.EN, n.RU, n.KK} {
		if s != "" {
			return s
		}
	}
	return ""
}

// The words below are stored as small integers: a number is never given a new
// meaning, and 0 always stands for "not said". A table per type holds the
// words of the interface, in the order of their numbers.
type (
	Wellbeing uint8
	Intention uint8
	Contact   uint8
	Category  uint8
	Stay      uint8
	Sex       uint8
	Channel   uint8
	Method    uint8
	ZoneState uint8
	ZoneKind  uint8
	Action    uint8
	// AirportStatus is whether an airport works.
	AirportStatus uint8
	EventKind     uint8
	// Tell is whom somebody lets us tell about them.
	Tell uint8
	// CallbackKind is what somebody asks to be rung for.
	CallbackKind uint8
	// CallbackState is how far a call-back has got.
	CallbackState uint8
	// MessageState is how far a message to somebody has got.
	MessageState uint8
)

const (
	TellNobody Tell = iota + 1
	TellFamily
	TellNamed
)

const (
	// CallbackHelp: somebody needs help and their link takes nothing any more.
	CallbackHelp CallbackKind = iota + 1
	// CallbackCorrect and CallbackErase: somebody wants what we hold of them
	// corrected or erased, which takes a call: a stolen link must not do it.
	CallbackCorrect
	CallbackErase
	// CallbackSee: somebody wants to know what we hold of them.
	CallbackSee
	// CallbackUnreadable: a message that can't be understood without asking.
	CallbackUnreadable
)

const (
	CallbackOpen CallbackState = iota + 1
	CallbackTried
	CallbackDone
	CallbackRefused
)

const (
	MessageQueued MessageState = iota + 1
	MessageSent
	MessageFailed
)

const (
	WellbeingUnknown Wellbeing = iota + 1
	Safe
	NeedsHelp
	Injured
	Deceased
)

const (
	IntentionUnknown Intention = iota + 1
	Stays
	WantsOut
	Leaving
	Left
	Home
	NeverThere
)

const (
	Untried Contact = iota + 1
	Reached
	NoAnswer
	WrongNumber
)

const (
	CategoryUnknown Category = iota + 1
	Citizen
	Family
	Stateless
	PartnerNational
)

const (
	StayUnknown Stay = iota + 1
	Resident
	Tourist
	Transit
	Crew
	Pilgrim
	Student
)

const (
	Female Sex = iota + 1
	Male
)

const (
	ChannelLink Channel = iota + 1
	ChannelAPI
	ChannelStaff
	ChannelHotline
	ChannelImport
	ChannelPartner
	ChannelTelegram
	ChannelWhatsApp
	ChannelSMS
	ChannelOwnTracks
	ChannelOsmAnd
)

const (
	GNSS Method = iota + 1
	Network
	Pin
	Place
	AtAirport
	Itinerary
	Staff
)

const (
	Draft ZoneState = iota + 1
	Proposed
	Active
	Withdrawn
)

const (
	Ground ZoneKind = iota + 1
	Maritime
	Airspace
)

const (
	ActionNone Action = iota + 1
	Shelter
	Evacuate
	Prepare
	Avoid
	Monitor
)

const (
	AirportUnknown AirportStatus = iota + 1
	AirportOpen
	AirportLimited
	AirportClosed
)

const (
	EventEntered EventKind = iota + 1
	EventLeft
	EventPossible
	EventZoneActivated
	EventZoneChanged
	EventZoneWithdrawn
	EventZoneExpired
	EventNeedsHelp
	EventStranded
	EventAirport
)

var (
	wellbeingWords     = words{"", "unknown", "safe", "needs_help", "injured", "deceased"}
	intentionWords     = words{"", "unknown", "stays", "wants_out", "leaving", "left", "home", "never_there"}
	contactWords       = words{"", "untried", "reached", "no_answer", "wrong_number"}
	categoryWords      = words{"", "unknown", "citizen", "family", "stateless", "partner_national"}
	stayWords          = words{"", "unknown", "resident", "tourist", "transit", "crew", "pilgrim", "student"}
	sexWords           = words{"", "female", "male"}
	channelWords       = words{"", "link", "api", "staff", "hotline", "import", "partner", "telegram", "whatsapp", "sms", "owntracks", "osmand"}
	methodWords        = words{"", "gnss", "network", "pin", "place", "airport", "itinerary", "staff"}
	stateWords         = words{"", "draft", "proposed", "active", "withdrawn"}
	kindWords          = words{"", "ground", "maritime", "airspace"}
	actionWords        = words{"", "none", "shelter", "evacuate", "prepare", "avoid", "monitor"}
	airportWords       = words{"", "unknown", "open", "limited", "closed"}
	tellWords          = words{"", "nobody", "family", "named"}
	callbackKindWords  = words{"", "help", "correct", "erase", "see", "unreadable"}
	callbackStateWords = words{"", "open", "tried", "done", "refused"}
	messageStateWords  = words{"", "queued", "sent", "failed"}
	eventWords         = words{"", "entered", "left", "possible", "zone_activated", "zone_changed", "zone_withdrawn", "zone_expired", "needs_help", "stranded", "airport_state"}
)

// words maps the numbers of one type to the words of the interface.
type words []string

func (w words) word(n uint8) string {
	if int(n) < len(w) {
		return w[n]
	}
	return fmt.Sprintf("unknown(%d)", n)
}

// number is the number of a word; the empty word is an error, so that a
// missing value can't pass for "not said".
func (w words) number(what, s string) (uint8, error) {
	for i, x := range w {
		if i > 0 && x == s {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("%w: %s %q is not one of %s", ErrInvalid, what, s, strings.Join(w[1:], ", "))
}

func (x Wellbeing) String() string     { return wellbeingWords.word(uint8(x)) }
func (x Intention) String() string     { return intentionWords.word(uint8(x)) }
func (x Contact) String() string       { return contactWords.word(uint8(x)) }
func (x Category) String() string      { return categoryWords.word(uint8(x)) }
func (x Stay) String() string          { return stayWords.word(uint8(x)) }
func (x Sex) String() string           { return sexWords.word(uint8(x)) }
func (x Channel) String() string       { return channelWords.word(uint8(x)) }
func (x Method) String() string        { return methodWords.word(uint8(x)) }
func (x ZoneState) String() string     { return stateWords.word(uint8(x)) }
func (x ZoneKind) String() string      { return kindWords.word(uint8(x)) }
func (x Action) String() string        { return actionWords.word(uint8(x)) }
func (x AirportStatus) String() string { return airportWords.word(uint8(x)) }
func (x EventKind) String() string     { return eventWords.word(uint8(x)) }
func (x Tell) String() string          { return tellWords.word(uint8(x)) }
func (x CallbackKind) String() string  { return callbackKindWords.word(uint8(x)) }
func (x CallbackState) String() string { return callbackStateWords.word(uint8(x)) }
func (x MessageState) String() string  { return messageStateWords.word(uint8(x)) }

// The Parse functions turn a word of the interface into its value. They know
// exact lower-case words only; anything else is ErrInvalid.

func ParseWellbeing(s string) (Wellbeing, error) {
	n, err := wellbeingWords.number("wellbeing", s)
	return Wellbeing(n), err
}

func ParseIntention(s string) (Intention, error) {
	n, err := intentionWords.number("intention", s)
	return Intention(n), err
}

func ParseContact(s string) (Contact, error) {
	n, err := contactWords.number("contact", s)
	return Contact(n), err
}

func ParseCategory(s string) (Category, error) {
	n, err := categoryWords.number("category", s)
	return Category(n), err
}

func ParseStay(s string) (Stay, error) {
	n, err := stayWords.number("stay", s)
	return Stay(n), err
}

func ParseSex(s string) (Sex, error) {
	n, err := sexWords.number("sex", s)
	return Sex(n), err
}

func ParseChannel(s string) (Channel, error) {
	n, err := channelWords.number("channel", s)
	return Channel(n), err
}

func ParseMethod(s string) (Method, error) {
	n, err := methodWords.number("method", s)
	return Method(n), err
}

func ParseZoneState(s string) (ZoneState, error) {
	n, err := stateWords.number("state", s)
	return ZoneState(n), err
}

func ParseZoneKind(s string) (ZoneKind, error) {
	n, err := kindWords.number("kind", s)
	return ZoneKind(n), err
}

func ParseAction(s string) (Action, error) {
	n, err := actionWords.number("action", s)
	return Action(n), err
}

func ParseAirportStatus(s string) (AirportStatus, error) {
	n, err := airportWords.number("airport state", s)
	return AirportStatus(n), err
}

func ParseEventKind(s string) (EventKind, error) {
	n, err := eventWords.number("event kind", s)
	return EventKind(n), err
}

func ParseTell(s string) (Tell, error) {
	n, err := tellWords.number("tell", s)
	return Tell(n), err
}

func ParseCallbackKind(s string) (CallbackKind, error) {
	n, err := callbackKindWords.number("kind", s)
	return CallbackKind(n), err
}

func ParseCallbackState(s string) (CallbackState, error) {
	n, err := callbackStateWords.number("state", s)
	return CallbackState(n), err
}

// Needs is a set of what a person needs or what puts them first in the queue.
type Needs uint16

const (
	NeedMedicine Needs = 1 << iota
	NeedMedical
	NeedShelter
	NeedDocuments
	NeedMoney
	NeedEvacuation
	IsMinor
	IsUnaccompanied
	IsPensioner
	IsPregnant
	IsDisabled
	HasChild
)

var needWords = []string{
	"medicine", "medical", "shelter", "documents", "money", "evacuation",
	"minor", "unaccompanied_minor", "pensioner", "pregnant", "disability", "with_child",
}

// Words lists the set's words in a fixed order; empty, never nil.
func (n Needs) Words() []string {
	ws := []string{}
	for i, w := range needWords {
		if n&(1<<i) != 0 {
			ws = append(ws, w)
		}
	}
	return ws
}

// ParseNeeds reads a list of need words; a word that isn't one is ErrInvalid.
func ParseNeeds(ws []string) (Needs, error) {
	var n Needs
next:
	for _, s := range ws {
		for i, w := range needWords {
			if s == w {
				n |= 1 << i
				continue next
			}
		}
		return 0, fmt.Errorf("%w: need %q is not one of %s", ErrInvalid, s, strings.Join(needWords, ", "))
	}
	return n, nil
}

// Flags say what is odd about a position. A position with a flag in Untrusted
// stands beside the last trusted one and never replaces it.
type Flags uint16

const (
	// FlagSkew: the phone's clock was more than five minutes off.
	FlagSkew Flags = 1 << iota
	// FlagFuture: the fix claims a time that had not come when it arrived.
	FlagFuture
	// FlagLowTrust: sent with a link's code alone, without its secret.
	FlagLowTrust
	FlagImplausible
	FlagIdentical
	FlagMock
	FlagReplay
	// FlagCasualty: filed by those who may know of a death (the casualty cell, the
	// responsible consul), who alone can say that somebody is alive after all. It
	// is about the report, never about its position.
	FlagCasualty
	// FlagHide: the person wants their places withheld, this report's and all
	// before it, by effective time, and all that come after, until they send one
	// themselves. It is about the report.
	FlagHide
	// FlagDoubted: staff have reason to think that the person isn't there.
	FlagDoubted
	// FlagAutomatic: sent by an app by itself, not by somebody who decided to. It is
	// about the report.
	FlagAutomatic
)

// ReportFlags are about a whole report; FlagLowTrust marks its position too.
const ReportFlags = FlagLowTrust | FlagCasualty | FlagHide | FlagAutomatic

// Untrusted are the flags that keep a fix from replacing a trusted one.
const Untrusted = FlagImplausible | FlagIdentical | FlagMock | FlagReplay | FlagDoubted

var flagWords = []string{"clock_skew", "from_future", "low_trust", "implausible_speed", "identical_fix", "mock_provider", "replay", "casualty", "place_hidden", "doubted", "automatic"}

// Words lists the flags' words in a fixed order; empty, never nil.
func (f Flags) Words() []string {
	ws := []string{}
	for i, w := range flagWords {
		if f&(1<<i) != 0 {
			ws = append(ws, w)
		}
	}
	return ws
}
