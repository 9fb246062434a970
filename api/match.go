package api

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// MatchPoints implements the contract's matchPoints. Nothing of it is stored, and no place is logged. Everything that
// can be wrong with the body is found before the answer begins.
func (s *Server) MatchPoints(ctx context.Context, r openapi.MatchPointsRequestObject) (openapi.MatchPointsResponseObject, error) {
	v := s.view(ctx)
	c, err := s.crisis(v, r.Params.Crisis)
	if err != nil {
		return nil, err
	}
	m, err := v.Matcher(c.ID)
	if err != nil {
		return nil, err
	}
	points, err := intake.MatchPoints(callOf(ctx).body)
	if errors.Is(err, intake.ErrTooManyLines) {
		return nil, refuse(http.StatusRequestEntityTooLarge, "too_many_lines", "At most 100000 points are matched at once.")
	}
	if err != nil {
		return nil, err
	}
	return &matchAnswer{ctx: ctx, server: s, matcher: m, asOf: v.AsOf(), points: points}, nil
}

// matchAnswer is an answer that is made while it is written: points in a thousand zones each would fill the memory.
type matchAnswer struct {
	ctx     context.Context
	server  *Server
	matcher *tracker.Matcher
	asOf    tracker.AsOf
	points  []intake.MatchPoint

	zones []tracker.MatchedZone // used again and again
	out   []byte
}

// matchChunk is about how many bytes of the answer are made before they are sent.
const matchChunk = 32 << 10

// VisitMatchPointsResponse implements the contract's answer.
func (m *matchAnswer) VisitMatchPointsResponse(w http.ResponseWriter) error {
	h := w.Header()
	begun := false
	for rest := m.points; len(rest) > 0; {
		n, err := m.chunk(rest)
		if err == nil {
			if !begun {
				h.Set("Content-Type", "application/x-ndjson")
				h.Set("As-Of-Time", m.asOf.Time.UTC().Format(time.RFC3339Nano))
				h.Set("As-Of-Seq", strconv.FormatInt(m.asOf.Seq, 10))
				h.Set("As-Of-Epoch", m.asOf.Epoch)
				w.WriteHeader(http.StatusOK)
				begun = true
			}
			_, err = w.Write(m.out)
		}
		rest = rest[n:]
		if err == nil {
			continue
		}
		if !begun {
			return err
		}
		// The end of a chunked answer would look like the end of all: only a connection that breaks tells that it isn't.
		m.server.log.WarnContext(m.ctx, "answer broken off", slog.String("route", "matchPoints"), slog.Int("points_left", len(rest)))
		panic(http.ErrAbortHandler)
	}
	return nil
}

// chunk matches the first points and leaves their lines in m.out. It waits for its turn: one core at most is busy
// with this, whatever is asked, so that reports and lists go on. While the client takes its time to read, others have
// theirs.
func (m *matchAnswer) chunk(points []intake.MatchPoint) (n int, err error) {
	select {
	case m.server.matching <- struct{}{}:
		defer func() { <-m.server.matching }()
	case <-m.ctx.Done():
		return 0, m.ctx.Err()
	}
	m.out = m.out[:0]
	for n < len(points) && len(m.out) < matchChunk {
		if err := m.ctx.Err(); err != nil {
			return n, err
		}
		p := &points[n]
		n++
		m.zones = m.matcher.Match(m.zones[:0], p.Point, p.RadiusM)
		m.line(p.ID)
	}
	return n, nil
}

// line appends the MatchedPoint of m.zones. The id is written as it came, between its quotes.
func (m *matchAnswer) line(id []byte) {
	out := append(m.out, `{"id":"`...)
	out = append(out, id...)
	out = append(out, `","zones":[`...)
	for i := range m.zones {
		z := &m.zones[i]
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"id":"`...)
		out = appendID(out, z.ID)
		out = append(out, `","level":`...)
		out = strconv.AppendInt(out, int64(z.Level), 10)
		out = append(out, `,"verdict":"`...)
		out = append(out, z.Verdict.String()...)
		out = append(out, `","share":`...)
		out = strconv.AppendFloat(out, float64(z.Share), 'g', -1, 32)
		out = append(out, '}')
	}
	m.out = append(out, "]}\n"...)
}

// appendID appends id as its String says it, without making one.
func appendID(dst []byte, id tracker.ID) []byte {
	from := 0
	for _, to := range [5]int{4, 6, 8, 10, 16} {
		if from > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, id[from:to])
		from = to
	}
	return dst
}
