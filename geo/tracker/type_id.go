package tracker

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"
)

// ID names one thing for good: a UUIDv7, so that ids made later sort later.
// The zero ID names nothing.
type ID [16]byte

// NewID makes a new id from the system's clock and random source.
func NewID() ID { return ID(uuid.Must(uuid.NewV7())) }

// ParseID reads the canonical form of 36 lower- or upper-case characters.
func ParseID(s string) (ID, error) {
	if len(s) != 36 {
		return ID{}, fmt.Errorf("%w: id %q is not a UUID", ErrInvalid, s)
	}
	u, err := uuid.Parse(s)
	if err != nil {
		return ID{}, fmt.Errorf("%w: id %q is not a UUID", ErrInvalid, s)
	}
	return ID(u), nil
}

func (id ID) IsZero() bool   { return id == ID{} }
func (id ID) String() string { return uuid.UUID(id).String() }

// Compare orders ids by their bytes, which for UUIDv7 is by time.
func (id ID) Compare(o ID) int {
	for i := range id {
		if id[i] != o[i] {
			if id[i] < o[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// high is the first eight bytes as a number; it orders ids but for ties.
func (id ID) high() uint64 { return binary.BigEndian.Uint64(id[:8]) }

func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

func (id *ID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseID(string(b))
	return err
}

// Value stores an id as its 16 bytes; the zero id as NULL.
func (id ID) Value() (driver.Value, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id[:], nil
}

// Scan reads what Value wrote.
func (id *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = ID{}
		return nil
	case []byte:
		if len(v) == 16 {
			copy(id[:], v)
			return nil
		}
		return fmt.Errorf("scan id: %d bytes, want 16", len(v))
	default:
		return fmt.Errorf("scan id: cannot read a %T", src)
	}
}
