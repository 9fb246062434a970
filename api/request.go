package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/labstack/echo/v4"

	"aman/api/intake"
)

// bodyLimit is how many bytes a body may have, by operation.
func bodyLimit(operation string) int64 {
	if n, ok := webhooks[operation]; ok {
		return n
	}
	switch operation {
	case "createZone", "replaceZone", "previewZone":
		return 2<<20 + 512<<10 // the shape, and a little for the rest
	case "createReports":
		return 8 << 20
	case "matchPoints":
		return 4 << 20
	case "previewList", "takeList":
		return intake.MaxListBytes + maxListOptions + 4<<10 // the file, how to read it, and the form around them
	default:
		return 64 << 10
	}
}

// readRequest holds parameters and body against the contract and leaves the
// whole body in the call. What isn't in the contract reads its own body.
func (s *Server) readRequest(c echo.Context, in *call) error {
	req := c.Request()
	req.Body = http.MaxBytesReader(c.Response(), req.Body, bodyLimit(in.route.Operation))
	if _, own := webhooks[in.route.Operation]; own || in.op == nil || pages[in.route.Operation] {
		return nil
	}
	if err := in.op.checkParams(c); err != nil {
		return err
	}
	if in.op.media == nil {
		return nil
	}
	var params map[string]string
	var err error
	media := req.Header.Get("Content-Type")
	schema, ok := in.op.media[media]
	if !ok { // most say the bare type, letter by letter
		media, params, err = mime.ParseMediaType(media)
		schema, ok = in.op.media[media]
	}
	if err != nil || !ok || !intake.UTF8(params) {
		var want []string
		for m := range in.op.media {
			want = append(want, m+" in UTF-8")
		}
		return refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send "+strings.Join(want, " or ")+".")
	}
	if media == "multipart/form-data" && params["boundary"] == "" {
		return refuse(http.StatusBadRequest, "bad_form", "The form doesn't say how its parts are divided.")
	}
	if in.body, err = readBody(req); err != nil {
		return err
	}
	if schema != nil {
		return schema.Check(in.body)
	}
	if media == "multipart/form-data" {
		req.Body = io.NopCloser(bytes.NewReader(in.body)) // the handler reads it part by part
	}
	return nil
}

// pages are the operations of the contract whose handlers read requests by
// themselves: they answer browsers without scripts, and messengers add parameters
// of their own to the links that they pass on.
var pages = map[string]bool{"linkPage": true, "linkReport": true, "linkMap": true, "linkData": true, "linkAsk": true, "linkRead": true, "linkDevicePage": true, "linkDevice": true}

// webhooks are the operations that providers call, with the most bytes that each may
// send: their handlers look at the secret before they read anything, and package
// intake decodes what they read.
var webhooks = map[string]int64{
	"telegramUpdate": intake.MaxTelegramBody,
	"whatsAppVerify": 0,
	"whatsAppEvents": intake.MaxWhatsAppBody,
	"smsDeliver":     intake.MaxSMSBody,
	"ownTracks":      intake.MaxDeviceBody,
	"osmAndQuery":    intake.MaxDeviceBody,
	"osmAnd":         intake.MaxDeviceBody,
}

// providers are the webhooks that one provider calls for all its users.
var providers = map[string]bool{"telegramUpdate": true, "whatsAppVerify": true, "whatsAppEvents": true, "smsDeliver": true}

func readBody(req *http.Request) ([]byte, error) {
	var buf bytes.Buffer
	if n := req.ContentLength; n > 0 && n <= 8<<20 {
		buf.Grow(int(n) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(req.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return buf.Bytes(), nil
	case errors.As(err, &tooLarge):
		return nil, fmt.Errorf("read body: %w", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(http.StatusRequestTimeout, "body_too_slow", "The body did not arrive in time.")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, refuse(http.StatusBadRequest, "body_cut_off", "The body ended early.")
	default:
		return nil, refuse(http.StatusBadRequest, "bad_body", "The body can't be read.")
	}
}

// checkParams refuses parameters that the contract doesn't know: a filter that
// is misspelt and so ignored would answer with the wrong people.
func (o *operation) checkParams(c echo.Context) error {
	for name, p := range o.path {
		if err := p.schema.CheckText(name, c.Param(name)); err != nil {
			return refuse(http.StatusNotFound, "not_found", "There is no such thing here.")
		}
	}
	if c.Request().URL.RawQuery != "" {
		if err := o.checkQuery(c); err != nil {
			return err
		}
	}
	for name, p := range o.query {
		if p.required && !c.QueryParams().Has(name) {
			return refuseField(http.StatusBadRequest, "missing_parameter", name, "This parameter is required.")
		}
	}
	for name, p := range o.header {
		values := c.Request().Header.Values(name)
		switch {
		case len(values) == 0 && !p.required:
		case len(values) == 0 && name == "If-Match":
			return refuseField(http.StatusPreconditionRequired, "precondition_required", name, "Send the ETag that your change is based on.")
		case len(values) != 1:
			return refuseField(http.StatusBadRequest, "missing_parameter", name, "This header is required, once.")
		default:
			if err := p.schema.CheckText(name, values[0]); err != nil {
				return badParam(name, err)
			}
		}
	}
	return nil
}

func (o *operation) checkQuery(c echo.Context) error {
	// Echo drops what it can't read of a query, and a filter with it.
	if _, err := url.ParseQuery(c.Request().URL.RawQuery); err != nil {
		return refuse(http.StatusBadRequest, "bad_query", "The query can't be read.")
	}
	for name, values := range c.QueryParams() {
		p, ok := o.query[name]
		if !ok {
			return refuseField(http.StatusBadRequest, "unknown_parameter", shortened(name), "This parameter is not known here.")
		}
		if len(values) != 1 {
			return refuseField(http.StatusBadRequest, "repeated_parameter", name, "This parameter is given twice; put commas between values.")
		}
		if err := p.schema.CheckText(name, values[0]); err != nil {
			return badParam(name, err)
		}
	}
	return nil
}

// badParam is a parameter's FieldError as a 400: the request itself is wrong.
func badParam(name string, err error) error {
	p, _ := problemOf(err)
	detail := ""
	if p.Detail != nil {
		detail = *p.Detail
	}
	return refuseField(http.StatusBadRequest, p.Code, name, detail)
}

func shortened(s string) string {
	s = strings.ToValidUTF8(s, "")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// binder fills the generated request types from the body that the gate has read
// and checked: names match exactly and no member is unknown or repeated.
type binder struct{}

// Bind implements echo.Binder.
func (binder) Bind(into any, c echo.Context) error {
	in := callOf(c.Request().Context())
	if decodesItself[in.route.Operation] {
		return nil // package intake reads the bytes
	}
	if err := json.Unmarshal(in.body, into); err != nil {
		return fmt.Errorf("bind a body that the contract allows: %w", err)
	}
	return nil
}
