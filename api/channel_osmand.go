package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"aman/api/intake"
	"aman/geo/tracker"
)

const osmAndPath = "/in/osmand"

// osmAnd takes a delivery of Traccar Client, OsmAnd and whatever else speaks their
// protocol. The protocol puts the device's identifier, which is its secret, and the
// place into the query: nothing here, and no middleware, may repeat a query.
func (t *trackers) osmAnd(c echo.Context) error {
	if !t.on {
		return errNoTracking
	}
	req := c.Request()
	body, err := readBody(req)
	if err != nil {
		return err
	}
	o, unread := intake.ReadOsmAnd(req.URL.RawQuery, req.Header.Get("Content-Type"), body)
	id, secret, _ := intake.CutToken(o.Token)
	d, err := t.device(req.Context(), tracker.ChannelOsmAnd, id, secret)
	if err != nil {
		return err
	}
	if errors.Is(unread, intake.ErrMediaType) {
		return refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send parameters, a form or JSON.")
	}
	if unread != nil {
		return unread
	}
	ins, err := o.Inbounds(id)
	if err != nil {
		return err
	}
	for i := range ins {
		if err := t.receive(req.Context(), d, ins[i]); err != nil {
			return err
		}
	}
	return c.NoContent(http.StatusOK)
}
