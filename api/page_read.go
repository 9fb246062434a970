package api

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"aman/api/intake"
	"aman/geo/tracker"
)

// linkReading is the contract's LinkReading.
type linkReading struct {
	ReceivedAt time.Time  `json:"received_at"`
	Code       string     `json:"code"`
	ReadAt     *time.Time `json:"read_at,omitempty"`
}

// read tells whoever holds a receipt when staff first saw the report. It changes
// nothing, and a receipt can't be made up.
func (p *linkPages) read(c echo.Context) error {
	l, err := p.link(c)
	if err != nil && !isClosed(err) {
		return err
	}
	if err := p.admitLink(&l, toRead, ""); err != nil {
		return err
	}
	req := c.Request()
	req.Body = http.MaxBytesReader(c.Response(), req.Body, 1<<10)
	body, err := readBody(req)
	if err != nil {
		return err
	}
	sealed, err := intake.DecodeReceipt(req.Header.Get("Content-Type"), body)
	if err != nil {
		if errors.Is(err, intake.ErrMediaType) {
			err = refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send JSON.")
		}
		return err
	}
	r, ok := openReceipt(sealed, &l)
	if !ok {
		return fmt.Errorf("%w: receipt", tracker.ErrNotFound)
	}
	out := linkReading{ReceivedAt: r.at, Code: r.code}
	if !r.report.IsZero() {
		seen, err := p.store.ReadingOf(req.Context(), r.person, r.report)
		switch {
		case err == nil:
			at := seen.At.UTC()
			out.ReadAt = &at
		case !errors.Is(err, tracker.ErrNotFound):
			return fmt.Errorf("find reading: %w", err)
		}
	}
	return c.JSON(http.StatusOK, out)
}
