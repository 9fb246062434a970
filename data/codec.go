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
	sayingsFormat = 1
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

func (d *decoder) length() int {
	n, w := binary.Uvarint(d.b)
	if w <= 0 || n > uint64(len(d.b)-w) {
		d.fail()
		return 0
	}
	d.b = d.b[w:]
	return int(n)
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
	if r.Position == nil && r.Note == "" && r.Phone == "" && r.Address == "" && r.Reason == "" {
		return nil
	}
	b = append(b, sayingsFormat)
	for _, s := range []string{r.Note, r.Phone, r.Address, r.Reason} {
		b = lengthPrefixed(b, s)
	}
	if p := r.Position; p != nil {
		b = appendFloat(b, p.Point[0])
		b = appendFloat(b, p.Point[1])
		b = appendFloat(b, p.RadiusM)
		b = lengthPrefixed(b, p.Airport)
	}
	return b
}

// decodeSayings fills r; a position has its method and flags from the row.
func decodeSayings(b []byte, r *tracker.Report, method tracker.Method, flags tracker.Flags) error {
	d := decoder{b: b}
	if d.byte() != sayingsFormat {
		return errBlob
	}
	for _, s := range []*string{&r.Note, &r.Phone, &r.Address, &r.Reason} {
		*s = d.string()
	}
	if len(d.b) > 0 {
		p := &tracker.Position{Method: method, Flags: flags}
		p.Point[0], p.Point[1], p.RadiusM = d.float(), d.float(), d.float()
		p.Airport = d.string()
		r.Position = p
	}
	return d.end()
}
