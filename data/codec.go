package data

import (
	"encoding/binary"
	"errors"
	"math"

	"aman/geo/tracker"
)

// The plain text of a sealed blob is a format byte and then its fields in a
// fixed order: strings and lists with their length before them, as varints.
// A million people are unsealed at each start, where JSON would cost seconds.

const (
	detailsFormat = 1
	// sayingsFormat is written where it says all: instances of the release before
	// can read it. widerSayings adds what came later.
	sayingsFormat = 1
	widerSayings  = 2
)

var errBlob = errors.New("a sealed value is damaged")

func lengthPrefixed(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendList(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = lengthPrefixed(b, s)
	}
	return b
}

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

// decoder takes fields off a blob; after an error all are empty.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) byte() byte {
	if len(d.b) < 1 {
		d.fail()
		return 0
	}
	x := d.b[0]
	d.b = d.b[1:]
	return x
}

func (d *decoder) fail() { d.b, d.err = nil, errBlob }

func (d *decoder) uvarint() uint64 {
	n, w := binary.Uvarint(d.b)
	if w <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[w:]
	return n
}

func (d *decoder) varint() int64 {
	n, w := binary.Varint(d.b)
	if w <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[w:]
	return n
}

// bytes takes a value with its length before it; it is part of the blob.
func (d *decoder) bytes() []byte {
	n := d.length()
	b := d.b[:n:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) length() int {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) id() (id tracker.ID) {
	if len(d.b) < len(id) {
		d.fail()
		return id
	}
	d.b = d.b[copy(id[:], d.b):]
	return id
}

func (d *decoder) string() string {
	n := d.length()
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

// list reads what appendList wrote; every element takes a byte or more, so the
// length can't ask for more memory than the blob has.
func (d *decoder) list() []string {
	n := d.length()
	if n == 0 {
		return nil
	}
	l := make([]string, 0, n)
	for range n {
		l = append(l, d.string())
	}
	if d.err != nil {
		return nil
	}
	return l
}

func (d *decoder) float() float64 {
	if len(d.b) < 8 {
		d.fail()
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(d.b))
	d.b = d.b[8:]
	return f
}

// sealedText is the plain text of a row whose sealed part is texts alone.
const sealedText = 1

func appendTexts(b []byte, texts ...string) []byte {
	b = append(b, sealedText)
	for _, s := range texts {
		b = lengthPrefixed(b, s)
	}
	return b
}

// decodeTexts reads what appendTexts wrote of as many texts.
func decodeTexts(b []byte, texts ...*string) error {
	d := decoder{b: b}
	if d.byte() != sealedText {
		return errBlob
	}
	for _, s := range texts {
		*s = d.string()
	}
	return d.end()
}

// end reports the first error; anything left over is one.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) != 0 {
		d.err = errBlob
	}
	return d.err
}

func appendDetails(b []byte, d *tracker.Details) []byte {
	b = append(b, detailsFormat, byte(d.Sex))
	for _, s := range []string{d.Name, d.Latin, d.BirthDate, d.IIN, d.Passport, d.PassportExpiry, d.TourCode, d.Note} {
		b = lengthPrefixed(b, s)
	}
	for _, l := range [][]string{d.Phones, d.Handles, d.Sources} {
		b = appendList(b, l)
	}
	return b
}

func decodeDetails(b []byte) (tracker.Details, error) {
	d := decoder{b: b}
	if d.byte() != detailsFormat {
		return tracker.Details{}, errBlob
	}
	var x tracker.Details
	x.Sex = tracker.Sex(d.byte())
	for _, s := range []*string{&x.Name, &x.Latin, &x.BirthDate, &x.IIN, &x.Passport, &x.PassportExpiry, &x.TourCode, &x.Note} {
		*s = d.string()
	}
	for _, l := range []*[]string{&x.Phones, &x.Handles, &x.Sources} {
		*l = d.list()
	}
	if err := d.end(); err != nil {
		return tracker.Details{}, err
	}
	return x, nil
}

// appendSayings writes what a report seals; nil when there is nothing to hide.
func appendSayings(b []byte, r *tracker.Report) []byte {
	wider := r.MedicineDays != nil || r.Tell != 0 || r.TellNames != "" || r.Caller != nil
	if r.Position == nil && r.Note == "" && r.Phone == "" && r.Address == "" && r.Reason == "" && !wider {
		return nil
	}
	format := byte(sayingsFormat)
	if wider {
		format = widerSayings
	}
	b = append(b, format)
	for _, s := range []string{r.Note, r.Phone, r.Address, r.Reason} {
		b = lengthPrefixed(b, s)
	}
	if wider {
		b = appendWider(b, r)
	}
	if p := r.Position; p != nil {
		b = appendFloat(b, p.Point[0])
		b = appendFloat(b, p.Point[1])
		b = appendFloat(b, p.RadiusM)
		b = lengthPrefixed(b, p.Airport)
	}
	return b
}

// maxMedicineDays is the longest supply that a report can tell of.
const maxMedicineDays = 365

// appendWider writes what the second format adds: days of medicine (0: not said,
// else one more than the days), whom we may tell, and who called.
func appendWider(b []byte, r *tracker.Report) []byte {
	days := 0
	if r.MedicineDays != nil {
		days = *r.MedicineDays + 1
	}
	b = binary.AppendUvarint(b, uint64(days))
	b = append(b, byte(r.Tell))
	b = lengthPrefixed(b, r.TellNames)
	if r.Caller == nil {
		return append(b, 0)
	}
	b = append(b, 1)
	for _, s := range []string{r.Caller.Name, r.Caller.Phone, r.Caller.Relation} {
		b = lengthPrefixed(b, s)
	}
	return append(b, r.Caller.Person[:]...)
}

// wider reads what appendWider wrote.
func (d *decoder) wider(r *tracker.Report) {
	if days := d.uvarint(); days > maxMedicineDays+1 {
		d.fail()
	} else if days > 0 {
		n := int(days) - 1
		r.MedicineDays = &n
	}
	r.Tell = tracker.Tell(d.byte())
	r.TellNames = d.string()
	switch d.byte() {
	case 0:
	case 1:
		var c tracker.Caller
		c.Name, c.Phone, c.Relation, c.Person = d.string(), d.string(), d.string(), d.id()
		r.Caller = &c
	default:
		d.fail()
	}
}

// decodeSayings fills r; a position has its method and flags from the row.
func decodeSayings(b []byte, r *tracker.Report, method tracker.Method, flags tracker.Flags) error {
	d := decoder{b: b}
	format := d.byte()
	if format != sayingsFormat && format != widerSayings {
		return errBlob
	}
	for _, s := range []*string{&r.Note, &r.Phone, &r.Address, &r.Reason} {
		*s = d.string()
	}
	if format == widerSayings {
		d.wider(r)
	}
	if len(d.b) > 0 {
		p := &tracker.Position{Method: method, Flags: flags}
		p.Point[0], p.Point[1], p.RadiusM = d.float(), d.float(), d.float()
		p.Airport = d.string()
		r.Position = p
	}
	return d.end()
}
