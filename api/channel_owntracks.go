package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"aman/api/intake"
	"aman/geo/tracker"
)

const ownTracksPath = "/in/owntracks"

// ownTracks takes one message of an OwnTracks app: its credentials are looked at before
// a byte of the body is read. What says nothing of a place is answered well too, for
// the app sends nothing else before it has been.
func (t *trackers) ownTracks(c echo.Context) error {
	if !t.on {
		return errNoTracking
	}
	req := c.Request()
	id, secret, ok := req.BasicAuth()
	if !ok { // where a proxy keeps Authorization for itself
		id, secret = req.Header.Get("X-Limit-U"), req.Header.Get("X-Limit-D")
	}
	d, err := t.device(req.Context(), tracker.ChannelOwnTracks, id, secret)
	if err != nil {
		return err
	}
	body, err := readBody(req)
	if err != nil {
		return err
	}
	in, ok, err := intake.DecodeOwnTracks(body, id)
	if err != nil {
		return err
	}
	if ok {
		if err := t.receive(req.Context(), d, in); err != nil {
			return err
		}
	}
	return c.JSONBlob(http.StatusOK, []byte("[]")) // no friends to show, no commands
}
