package data

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

// The types below take a column's value into a Go value. database/sql's own
// conversion to small integers goes through text, which a million rows feel.

type integer interface {
	~int | ~int64 | ~uint8 | ~uint16
}

type intoNum[T integer] struct{ p *T }

func num[T integer](p *T) intoNum[T] { return intoNum[T]{p} }

func (x intoNum[T]) Scan(src any) error {
	v, ok := src.(int64)
	if !ok {
		return fmt.Errorf("scan number: cannot read a %T", src)
	}
	*x.p = T(v)
	return nil
}

type intoTime struct{ p *time.Time }

func (x intoTime) Scan(src any) error {
	v, ok := src.(int64)
	if !ok {
		return fmt.Errorf("scan time: cannot read a %T", src)
	}
	*x.p = fromMicros(v)
	return nil
}

// intoBlob copies bytes: lib/pq decodes them in place, in a buffer that the next
// row overwrites.
type intoBlob struct{ p *[]byte }

func (x intoBlob) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*x.p = nil
	case []byte:
		*x.p = bytes.Clone(v)
	default:
		return fmt.Errorf("scan bytes: cannot read a %T", src)
	}
	return nil
}

type intoText struct{ p *string }

func (x intoText) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*x.p = v
	case []byte:
		*x.p = string(v)
	default:
		return fmt.Errorf("scan text: cannot read a %T", src)
	}
	return nil
}

type intoBool struct{ p *bool }

func (x intoBool) Scan(src any) error {
	switch v := src.(type) {
	case bool:
		*x.p = v
	case int64:
		*x.p = v != 0
	default:
		return fmt.Errorf("scan truth: cannot read a %T", src)
	}
	return nil
}

// intoHash takes the 32 bytes of a SHA-256; NULL gives zeros.
type intoHash struct{ p *[32]byte }

func (x intoHash) Scan(src any) error {
	*x.p = [32]byte{}
	switch v := src.(type) {
	case nil:
		return nil
	case []byte:
		if len(v) == 32 {
			copy(x.p[:], v)
			return nil
		}
	}
	return fmt.Errorf("scan hash: cannot read a %T", src)
}

type intoNames struct{ p *tracker.Names }

func (x intoNames) Scan(src any) error {
	*x.p = tracker.Names{}
	return scanJSON(src, x.p)
}

type intoList struct{ p *[]string }

func (x intoList) Scan(src any) error {
	*x.p = nil
	if err := scanJSON(src, x.p); err != nil {
		return err
	}
	*x.p = list(*x.p)
	return nil
}

func scanJSON(src, dest any) error {
	var b []byte
	switch v := src.(type) {
	case string:
		b = []byte(v)
	case []byte:
		b = v
	default:
		return fmt.Errorf("scan JSON: cannot read a %T", src)
	}
	return json.Unmarshal(b, dest)
}

// jsonArg is v as text; v is of strings only, which always encode.
func jsonArg(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // impossible: strings always encode
	}
	return string(b)
}

type intoShape struct{ p *orb.MultiPolygon }

func (x intoShape) Scan(src any) error {
	*x.p = nil
	switch v := src.(type) {
	case nil:
		return nil
	case []byte:
		mp, err := geo.DecodeWKB(v)
		*x.p = mp
		return err
	}
	return fmt.Errorf("scan shape: cannot read a %T", src)
}

func shapeArg(mp orb.MultiPolygon) any {
	if len(mp) == 0 {
		return nil
	}
	return geo.EncodeWKB(mp)
}
