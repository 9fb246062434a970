package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"aman/api/auth"
	"aman/api/intake"
	"aman/geo/tracker"
	"aman/web"
)

// devicePage is where a citizen sets a tracking app up, by their own link or as the
// guest of a campaign's.
type devicePage struct {
	*trackers
	template *template.Template
	script   string
	policy   string
}

func newDevicePage(t *trackers) *devicePage {
	source := web.Device()
	hash := func(text string) string {
		h := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
	}
	return &devicePage{
		trackers: t, script: source.Script,
		template: template.Must(template.New("device").Parse(source.Template)), // embedded: tests find a broken one
		policy: "default-src 'none'; style-src " + hash(web.Citizen().CSS) + "; script-src " + hash(source.Script) +
			"; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
	}
}

// deviceSetup is what an app has to know; the contract's NewDevice.
type deviceSetup struct {
	App string `json:"app"`
	// Address is where the app sends to, ID its user or identifier, Password its
	// secret where the app has a field for one.
	Address  string `json:"url"`
	ID       string `json:"id"`
	Password string `json:"password,omitempty"`
	// Setup is an address that the app takes all of it from.
	Setup string `json:"setup"`
}

// deviceView is what one rendering of the page says.
type deviceView struct {
	*linkView
	Secret  string
	Refused string // the code of what is wrong; empty: nothing is
	App     string // empty: which one is still to be chosen
	AppName string
	// Address, ID and Password as in deviceSetup, which shadow the page's own.
	Address, ID, Password string
	Setup                 template.URL
	QR                    template.HTML
	script                string
}

// Script is the page's script.
func (v *deviceView) Script() template.JS { return template.JS(v.script) } // ours

// get shows what such an app does, and warns of it.
func (d *devicePage) get(c echo.Context) error {
	if !d.on {
		return errNoTracking
	}
	l, err := d.citizens.link(c)
	v := d.citizens.blank(c, l)
	if err == nil {
		err = d.ours(&l)
	}
	if err != nil {
		return d.citizens.refused(c, l, v, err)
	}
	return d.write(c, http.StatusOK, &deviceView{linkView: v})
}

// ours refuses links of another crisis than the one whose lines these are.
func (d *devicePage) ours(l *auth.Link) error {
	if crisis, ok := d.tracker.Snapshot().Crisis(""); !ok || crisis.ID != l.Crisis {
		return fmt.Errorf("%w: link", tracker.ErrNotFound)
	}
	return nil
}

// post makes a device and shows its credentials, this once.
func (d *devicePage) post(c echo.Context) error {
	if !d.on {
		return errNoTracking
	}
	p, req := d.citizens, c.Request()
	l, err := p.link(c)
	v := p.blank(c, l)
	if err == nil {
		err = d.ours(&l)
	}
	if err == nil {
		err = p.admitLink(&l, toSetUp, "")
	}
	if err != nil {
		return p.refused(c, l, v, err)
	}
	req.Body = http.MaxBytesReader(c.Response(), req.Body, intake.MaxLinkBody)
	body, err := readBody(req)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	ask, form, err := intake.DecodeDeviceAsk(req.Header.Get("Content-Type"), body)
	if ask.Lang != "" && c.QueryParam("l") == "" {
		v.Lang = ask.Lang
	}
	if errors.Is(err, intake.ErrMediaType) {
		err = refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send a form or JSON.")
	}
	if fes := intake.FieldErrors(err); form && len(fes) == 1 && fes[0].Field == "app" && fes[0].Code == "required" {
		// The form of the first page, sent here for its secret: nothing is wrong yet.
		return d.write(c, http.StatusOK, &deviceView{linkView: v, Secret: ask.Secret})
	}
	var made deviceSetup
	if err == nil {
		made, err = d.makeDevice(req.Context(), &l, &ask)
	}
	if err != nil {
		if !form {
			return p.refused(c, l, v, err)
		}
		return d.refuseForm(c, l, &deviceView{linkView: v, Secret: ask.Secret}, err)
	}
	if !form {
		return c.JSON(http.StatusCreated, made)
	}
	view := &deviceView{linkView: v, App: made.App, AppName: appName(ask.App), Address: made.Address, ID: made.ID, Password: made.Password}
	view.Setup = template.URL(made.Setup) // ours: ids, tokens and our own address
	if view.QR, err = qrSVG(made.Setup); err != nil {
		return err
	}
	return d.write(c, http.StatusCreated, view)
}

func appName(ch tracker.Channel) string {
	if ch == tracker.ChannelOwnTracks {
		return "OwnTracks"
	}
	return "Traccar Client"
}

// errNotYours: the secret is neither the link's own nor a guest's.
var errNotYours = refuse(http.StatusForbidden, "forbidden", "Only the link's own secret may set up a device.")

// makeDevice makes a device for whom the link and the secret are of.
func (d *devicePage) makeDevice(ctx context.Context, l *auth.Link, ask *intake.DeviceAsk) (deviceSetup, error) {
	person, own, err := d.citizens.whom(ctx, l, ask.Secret)
	if err != nil {
		return deviceSetup{}, err
	}
	if _, isGuest := intake.LinkGuest(*l, ask.Secret); isGuest && person.IsZero() {
		if person, err = d.registerGuest(ctx, l, ask.Secret); err != nil {
			return deviceSetup{}, err
		}
		own = true
	}
	if !own || person.IsZero() {
		return deviceSetup{}, errNotYours
	}
	id, secret, err := d.newDevice(ctx, l.Crisis, person, ask.App, tracker.Audit{Role: "link", Action: "device.make", Object: "person " + person.String()})
	if errors.Is(err, tracker.ErrNotFound) {
		err = errPersonGone
	}
	if err != nil {
		return deviceSetup{}, err
	}
	base := d.public.Scheme + "://" + d.public.Host
	if ask.App == tracker.ChannelOwnTracks {
		address := base + ownTracksPath
		config := base64.StdEncoding.EncodeToString([]byte(intake.OwnTracksConfig(address, id, secret)))
		return deviceSetup{App: ask.App.String(), Address: address, ID: id, Password: secret, Setup: "owntracks:///config?inline=" + url.QueryEscape(config)}, nil
	}
	address, token := base+osmAndPath, intake.Token(id, secret)
	return deviceSetup{App: ask.App.String(), Address: address, ID: token, Setup: address + "?id=" + url.QueryEscape(token)}, nil
}

// registerGuest makes the person that a guest's phone stands for, before it has said
// anything.
func (d *devicePage) registerGuest(ctx context.Context, l *auth.Link, secret string) (tracker.ID, error) {
	p := d.citizens
	guest, _ := intake.LinkGuest(*l, secret)
	for try := 1; ; try++ {
		person, line, err := p.onThread(ctx, l, intake.LinkThread(*l, guest, ""), tracker.ID{})
		if err != nil || !person.IsZero() {
			return person, err
		}
		var nothing intake.LinkReport
		f := nothing.Filing(*l, tracker.ID{}, p.countries(*l), p.tracker.World())
		f.Report = tracker.Report{Crisis: l.Crisis, Channel: tracker.ChannelLink, Source: l.ID}
		f.Thread = line
		made, err := p.submit(ctx, l, f, nil)
		if !errors.Is(err, tracker.ErrConflict) || try == retries {
			return made.Person, err
		}
	}
}

// refuseForm shows the page again, with what is wrong.
func (d *devicePage) refuseForm(c echo.Context, l auth.Link, v *deviceView, err error) error {
	problem, _ := problemOf(err)
	if problem.Code != "forbidden" && problem.Code != "too_many_devices" {
		return d.citizens.refused(c, l, v.linkView, err)
	}
	v.Refused = problem.Code
	d.metrics.refused(problem.Status)
	return d.write(c, problem.Status, v)
}

func (d *devicePage) write(c echo.Context, status int, v *deviceView) error {
	v.script = d.script
	var b bytes.Buffer
	if err := d.template.Execute(&b, v); err != nil {
		return fmt.Errorf("render device page: %w", err)
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", d.policy)
	h.Set("Content-Language", v.Lang)
	h.Add("Vary", "Accept-Language")
	return c.HTMLBlob(status, b.Bytes())
}
