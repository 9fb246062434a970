package api

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"

	"aman/geo/tracker"
)

// standing is where something is in a list that is read page by page: by rank,
// then by time to the microsecond, then by id. The last one of a page is the
// cursor of the next, so that what comes and goes between two pages doesn't shift
// the rest.
type standing struct {
	rank byte
	at   int64
	id   tracker.ID
}

func standingOf(rank byte, at time.Time, id tracker.ID) standing {
	return standing{rank: rank, at: at.UnixMicro(), id: id}
}

func (s standing) compare(o standing) int {
	return cmp.Or(cmp.Compare(s.rank, o.rank), cmp.Compare(s.at, o.at), bytes.Compare(s.id[:], o.id[:]))
}

// cursor writes a standing for a client to send back; it holds no personal data.
func (s standing) cursor() string {
	b := append([]byte{s.rank}, binary.BigEndian.AppendUint64(nil, uint64(s.at))...)
	return base64.RawURLEncoding.EncodeToString(append(b, s.id[:]...))
}

// readCursor reads what cursor wrote; nil or empty: none was sent, from the start.
func readCursor(text *string) (s standing, sent bool, err error) {
	if orZero(text) == "" {
		return standing{}, false, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(*text)
	if err != nil || len(b) != 1+8+len(s.id) {
		return standing{}, false, refuseField(http.StatusUnprocessableEntity, "bad_cursor", "cursor", "This service gave out no such cursor.")
	}
	s.rank, s.at = b[0], int64(binary.BigEndian.Uint64(b[1:9]))
	copy(s.id[:], b[9:])
	return s, true, nil
}
