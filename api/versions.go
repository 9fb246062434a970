package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"aman/geo/tracker"
)

func etagOf(version int) string { return `"` + strconv.Itoa(version) + `"` }

// versionOf reads an ETag of ours; proxies that compress may have made it weak.
func versionOf(ifMatch string) (int, error) {
	quoted := strings.TrimPrefix(strings.TrimSpace(ifMatch), "W/")
	if len(quoted) > 2 && quoted[0] == '"' && quoted[len(quoted)-1] == '"' {
		if n, err := strconv.Atoi(quoted[1 : len(quoted)-1]); err == nil && n > 0 && etagOf(n) == quoted {
			return n, nil
		}
	}
	return 0, refuseField(http.StatusBadRequest, "wrong_form", "If-Match", "This is not an ETag that the service gave out.")
}

// notLatest says that an If-Match names another version than the latest, have;
// 0 where that isn't known.
func notLatest(what string, have int) error {
	detail := "Somebody changed the " + what + " at the same time; load it again."
	if have > 0 {
		detail = "The If-Match is not of the latest version: the " + what + " is at version " + strconv.Itoa(have) + " now."
	}
	return refuseField(http.StatusPreconditionFailed, "version_conflict", "If-Match", detail)
}

// caughtUp waits, up to a second, until the live picture has what done looks for:
// another instance, which gave the version out, may be ahead of this one.
func (s *Server) caughtUp(ctx context.Context, done func() bool) {
	if done() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleFor)
	defer cancel()
	sub := s.tracker.Subscribe()
	defer sub.Close()
	for !done() {
		select {
		case <-sub.C():
		case <-ctx.Done():
			return
		}
	}
}

// zoneVersion reads an If-Match and checks that it names the latest version.
func (s *Server) zoneVersion(ctx context.Context, id tracker.ID, ifMatch string) (int, error) {
	want, err := versionOf(ifMatch)
	if err != nil {
		return 0, err
	}
	var zv tracker.ZoneView
	s.caughtUp(ctx, func() bool {
		zv, err = s.view(ctx).Zone(id)
		return err != nil || zv.Latest.Version >= want
	})
	if err != nil {
		return 0, err
	}
	if zv.Latest.Version != want {
		return 0, notLatest("zone", zv.Latest.Version)
	}
	return want, nil
}

// personVersion reads an If-Match and checks that it names the latest version of
// a person, stored being the store's.
func (s *Server) personVersion(ctx context.Context, stored *tracker.Person, ifMatch string) (int, error) {
	want, err := versionOf(ifMatch)
	if err != nil {
		return 0, err
	}
	have := stored.Version
	if have == want {
		s.caughtUp(ctx, func() bool {
			row, ok := s.view(ctx).Person(stored.ID)
			if ok {
				have = row.Version
			}
			return !ok || have >= want
		})
	}
	if have != want {
		return 0, notLatest("person", have)
	}
	return want, nil
}

// zoneRefused tells the conflicts of a change of a zone apart: a version that
// somebody else has written, and states that forbid the change. The store, which
// is never behind, says what the zone is now.
func (s *Server) zoneRefused(ctx context.Context, id tracker.ID, version int, err error) error {
	conflict := func(code, detail string) error { return refuse(http.StatusConflict, code, detail) }
	switch {
	case !errors.Is(err, tracker.ErrConflict):
		return err
	case errors.Is(err, tracker.ErrDraftOpen):
		return conflict("draft_open", "A draft or proposal stands on top of what is in force; discard the draft first.")
	case errors.Is(err, tracker.ErrSecondPerson):
		return conflict("second_person", "Another person than the one before must do this.")
	}
	zs, found := s.tracker.ZoneVersions(ctx, id)
	if found != nil || len(zs) == 0 {
		return err
	}
	z := &zs[len(zs)-1]
	operation := callOf(ctx).route.Operation
	switch {
	case z.Version != version:
		return notLatest("zone", z.Version)
	case operation == "discardZoneDraft":
		return conflict("nothing_to_discard", "There is no draft or proposal on top of a zone in force.")
	case z.State == tracker.Withdrawn:
		return conflict("zone_withdrawn", "The zone is withdrawn; to bring it back, store a new draft.")
	case z.State == tracker.Proposed && z.Withdrawing:
		return conflict("withdrawal_proposed", "What is proposed is to withdraw the zone; withdraw or discard that.")
	case operation == "publishZone" && z.State == tracker.Active:
		return conflict("already_in_force", "This version is in force already.")
	}
	return err
}

// personRefused tells the conflicts of a change of a person apart: an IIN or
// passport that somebody else has, and a version that somebody else has written.
func (s *Server) personRefused(ctx context.Context, before, now *tracker.Person, err error) error {
	if !errors.Is(err, tracker.ErrConflict) {
		return err
	}
	for _, x := range []struct{ kind, before, now string }{
		{"iin", before.Details.IIN, now.Details.IIN}, {"passport", before.Details.Passport, now.Details.Passport},
	} {
		if x.now == "" || x.now == x.before {
			continue
		}
		if held, found := s.store.FindIdentifier(ctx, now.Crisis, x.kind, x.now); found == nil && held != now.ID {
			return &tracker.HeldError{Field: x.kind}
		}
	}
	return notLatest("person", 0)
}
