package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

// VisitAnnounceResponse implements the contract's answer.
func (r reply) VisitAnnounceResponse(w http.ResponseWriter) error { return r.write(w) }

// Announce implements the contract's announce: it stores what is told to the groups of
// a mission, or of all, and answers before it is sent.
func (s *Server) Announce(ctx context.Context, r openapi.AnnounceRequestObject) (openapi.AnnounceResponseObject, error) {
	in := callOf(ctx)
	v := s.view(ctx)
	c, err := s.crisis(v, nil)
	if err != nil {
		return nil, err
	}
	text, err := messageText(r.Body.Text)
	if err != nil {
		return nil, err
	}
	mission := orZero(r.Body.MissionId)
	if !v.Scope().All { // an embassy speaks for itself
		if mission.IsZero() {
			mission = in.Mission
		}
		if mission != in.Mission || mission.IsZero() {
			return nil, tracker.ErrNotFound
		}
	}
	if _, known := v.Snapshot().Mission(mission); !known && !mission.IsZero() {
		return nil, tracker.ErrNotFound
	}
	key := idempotency(in, r.Params.IdempotencyKey, c.ID)
	if done, err := s.store.Replayed(ctx, key); !errors.Is(err, tracker.ErrNotFound) {
		return reply{status: http.StatusCreated, body: done.Reply, replayed: true}, err
	}
	groups, err := s.store.Groups(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var ms []tracker.Message
	for i := range groups {
		g := &groups[i]
		ok, _ := intake.Reachable(g)
		if ok && !g.Mission.IsZero() && (mission.IsZero() || g.Mission == mission) && s.replies.senders[g.Channel] != nil {
			ms = append(ms, s.newMessage(in, g, text))
		}
	}
	if len(ms) == 0 {
		return nil, refuse(http.StatusConflict, "no_group", "No group is joined. Add the bot to a group and post /aman with the code of a campaign link.")
	}
	key.Reply = encoded(openapi.Announced{Groups: len(ms)})
	done, err := s.store.Commit(ctx, &tracker.Write{
		Talk: tracker.Talk{Messages: ms}, Audit: in.Audit("message.announce", strconv.Itoa(len(ms))+" groups"), Idempotency: key,
	})
	if err != nil {
		return nil, err
	}
	s.wakeOutbox()
	if done.Replay { // of one that came at the same moment
		return reply{status: http.StatusCreated, body: done.Reply, replayed: true}, nil
	}
	return reply{status: http.StatusCreated, body: key.Reply}, nil
}
