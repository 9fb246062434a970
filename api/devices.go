package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"aman/api/auth"
	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// Fixes a second of one device in the long run, and at once: a phone that was offline
// for a day has a thousand to send.
const (
	fixesPerSecond = 2
	fixesBurst     = 2_000
)

// mostDevices is how many devices of one person may send at a time.
const mostDevices = 5

// trackers takes fixes in from tracking apps. It is off unless it was turned on: a
// phone that is searched shows such an app.
type trackers struct {
	*Server
	on      bool
	devices *auth.Throttle
}

func newTrackers(s *Server, on bool) *trackers {
	const remembered = 100_000
	return &trackers{Server: s, on: on, devices: auth.NewThrottle(fixesPerSecond, fixesBurst, remembered)}
}

var (
	errNoTracking = refuse(http.StatusNotFound, "not_found", "There is no such page.")
	errNoDevice   = refuse(http.StatusUnauthorized, "unauthorized", "This device is not known, or was ended.")
	errManyPhones = refuse(http.StatusConflict, "too_many_devices", "Five devices send for this person already. Ask the embassy to end them.")
)

// device finds the device that a request's credentials are of. Errors: errNoDevice,
// the same for one that isn't known, was ended, or has another secret; the store's.
func (t *trackers) device(ctx context.Context, ch tracker.Channel, id, secret string) (tracker.Thread, error) {
	if !intake.DeviceID(id) || secret == "" {
		return tracker.Thread{}, errNoDevice
	}
	crisis, ok := t.tracker.Snapshot().Crisis("")
	if !ok || !t.tracker.Snapshot().Ready() {
		return tracker.Thread{}, fmt.Errorf("%w: there is no picture yet", tracker.ErrUnavailable)
	}
	th, err := t.store.ThreadByKey(ctx, crisis.ID, ch, id)
	if err != nil && !errors.Is(err, tracker.ErrNotFound) {
		return th, fmt.Errorf("find the device: %w", err)
	}
	if err != nil || th.Person.IsZero() || !intake.ReadDevice(th.State).Verify(secret) {
		return tracker.Thread{}, errNoDevice
	}
	return th, nil
}

// receive stores one fix of a device, which device has let in. Nothing of the line
// changes, so that it needs neither the door's lock nor a second look at the line.
func (t *trackers) receive(ctx context.Context, d tracker.Thread, in intake.Inbound) error {
	if err := t.throttle(t.devices, d.ID.String()); err != nil {
		return err
	}
	r := tracker.Report{
		Crisis: d.Crisis, Person: d.Person, Channel: in.Channel, Source: d.ID, Position: in.Position,
		FixedAt: in.FixedAt, SentAt: in.SentAt, Flags: in.Flags & tracker.ReportFlags,
	}
	if in.Choice == intake.ChoiceHelp {
		r.Wellbeing = tracker.NeedsHelp
	}
	sub := tracker.Submission{
		Actor: tracker.Actor{Role: in.Channel.String(), Scope: tracker.Scope{All: true}}, Crisis: d.Crisis, Whole: true,
		Action: in.Channel.String() + ".report", Filings: []tracker.Filing{{Report: r}},
	}
	if in.ID != "" {
		// The id holds all of the fix that matters: the same fix with another battery, or
		// from a newer version of the app, is the same.
		sub.Idempotency = &tracker.Idempotency{Source: in.Channel.String() + ":" + d.ID.String(), Key: in.ID, BodyHash: sha256.Sum256([]byte(in.ID))}
	}
	done, err := t.tracker.Submit(ctx, sub)
	if err == nil {
		err = errors.Join(done.Errors...)
	}
	if errors.Is(err, tracker.ErrNotFound) {
		return errNoDevice // its person was erased
	}
	if errors.Is(err, tracker.ErrConflict) {
		return fmt.Errorf("%w: %w", tracker.ErrUnavailable, err)
	}
	return err
}

// devicesOf lists the devices that send, or sent, for a person, oldest first.
func (t *trackers) devicesOf(ctx context.Context, person tracker.ID) ([]tracker.Thread, error) {
	ths, err := t.store.ThreadsOf(ctx, t.tracker.Snapshot().Members(person))
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	return slices.DeleteFunc(ths, func(th tracker.Thread) bool {
		return th.Channel != tracker.ChannelOwnTracks && th.Channel != tracker.ChannelOsmAnd
	}), nil
}

// newDevice makes a device for a person. Errors: errManyPhones, the store's.
func (t *trackers) newDevice(ctx context.Context, crisis, person tracker.ID, ch tracker.Channel, au tracker.Audit) (id, secret string, err error) {
	ths, err := t.devicesOf(ctx, person)
	if err != nil {
		return "", "", err
	}
	sending := 0
	for _, th := range ths {
		if intake.ReadDevice(th.State).Ended.IsZero() {
			sending++
		}
	}
	if sending >= mostDevices {
		return "", "", errManyPhones
	}
	now := t.now().UTC().Truncate(time.Microsecond)
	id, secret, state := intake.NewDevice(now)
	_, err = t.store.Commit(ctx, &tracker.Write{
		Talk: tracker.Talk{Threads: []tracker.Thread{{
			ID: tracker.NewID(), Crisis: crisis, Channel: ch, Key: id, Version: 1, Person: person, State: state.Encode(), RecordedAt: now,
		}}},
		Audit: au,
	})
	return id, secret, err
}

// ListDevices implements the contract's listDevices.
func (s *Server) ListDevices(ctx context.Context, r openapi.ListDevicesRequestObject) (openapi.ListDevicesResponseObject, error) {
	if !s.trackers.on {
		return nil, errNoTracking
	}
	row, ok := personOf(s.view(ctx), r.Id)
	if !ok {
		return nil, tracker.ErrNotFound
	}
	ths, err := s.trackers.devicesOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	if err := s.tracker.Audit(ctx, callOf(ctx).Audit("device.list", "person "+row.ID.String())); err != nil {
		return nil, err
	}
	list := openapi.DeviceList{Items: make([]openapi.Device, len(ths))}
	for i, th := range ths {
		st := intake.ReadDevice(th.State)
		list.Items[i] = openapi.Device{Id: th.ID, App: openapi.DeviceApp(th.Channel.String()), MadeAt: st.Made}
		if !st.Ended.IsZero() {
			list.Items[i].EndedAt = &st.Ended
		}
	}
	return openapi.ListDevices200JSONResponse(list), nil
}

// EndDevices implements the contract's endDevices: none of a person's devices may send
// any more, from this moment on.
func (s *Server) EndDevices(ctx context.Context, r openapi.EndDevicesRequestObject) (openapi.EndDevicesResponseObject, error) {
	if !s.trackers.on {
		return nil, errNoTracking
	}
	row, ok := personOf(s.view(ctx), r.Id)
	if !ok {
		return nil, tracker.ErrNotFound
	}
	for try := 1; ; try++ {
		err := s.trackers.end(ctx, row.ID, callOf(ctx))
		if !errors.Is(err, tracker.ErrConflict) || try == turns {
			return openapi.EndDevices204Response{}, err
		}
	}
}

func (t *trackers) end(ctx context.Context, person tracker.ID, in *call) error {
	ths, err := t.devicesOf(ctx, person)
	if err != nil {
		return err
	}
	now := t.now().UTC().Truncate(time.Microsecond)
	var ended []tracker.Thread
	for _, th := range ths {
		st := intake.ReadDevice(th.State)
		if !st.Ended.IsZero() {
			continue
		}
		st.Ended = now
		th.Version, th.State, th.RecordedAt = th.Version+1, st.Encode(), now
		ended = append(ended, th)
	}
	if len(ended) == 0 {
		return nil
	}
	_, err = t.store.Commit(ctx, &tracker.Write{
		Talk:  tracker.Talk{Threads: ended},
		Audit: in.Audit("device.end", strconv.Itoa(len(ended))+" devices of person "+person.String()),
	})
	return err
}
