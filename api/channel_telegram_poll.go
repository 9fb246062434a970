package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-telegram/bot"

	"aman/api/intake"
	"aman/geo/tracker"
)

const (
	// telegramPollFor is how long Telegram holds a poll open while there is nothing.
	telegramPollFor = 25 * time.Second
	// telegramPollBytes is the most that one poll may bring: 100 updates.
	telegramPollBytes = 32 << 20
	telegramAtOnce    = 8 // chats that are worked on at the same time
	telegramLease     = "telegram"
)

// poll asks for updates until ctx ends; one instance at a time does. The client's own
// poller moves its offset on before anybody has handled an update, and forgets the rest
// when it stops; here the offset, by which Telegram forgets, moves on only past what is
// durable, so that an update comes again rather than never.
func (t *telegramChannel) poll(ctx context.Context) {
	// A webhook that was set before keeps polls from being answered.
	for {
		err := within(ctx, func(ctx context.Context) error {
			_, err := t.bot.DeleteWebhook(ctx, &bot.DeleteWebhookParams{})
			return telegramFailure(err)
		})
		if err == nil {
			break
		}
		if t.slow(ctx, err); ctx.Err() != nil {
			return
		}
	}
	var offset int64
	for ctx.Err() == nil {
		updates, err := t.updates(ctx, offset)
		if err == nil {
			var next int64
			next, err = t.receiveAll(ctx, updates)
			offset = max(offset, next)
		}
		if err != nil {
			t.slow(ctx, err)
		}
	}
}

// slow waits a little after an error.
func (t *telegramChannel) slow(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	f := failureOf(err)
	t.log.WarnContext(ctx, "telegram poll did not complete", "why", f.code)
	pause(ctx, max(f.retry, time.Second))
}

// updates asks for what Telegram holds from offset on.
func (t *telegramChannel) updates(ctx context.Context, offset int64) ([]json.RawMessage, error) {
	ask, err := json.Marshal(map[string]any{
		"offset": offset, "timeout": int(telegramPollFor.Seconds()), "limit": 100, "allowed_updates": telegramKinds,
	})
	if err != nil {
		return nil, fmt.Errorf("ask for updates: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.o.API+"/bot"+t.o.Token+"/getUpdates", bytes.NewReader(ask))
	if err != nil {
		return nil, &sendError{code: "unauthorized"} // the error has the token in it
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := t.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var a telegramAnswer
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		return nil, &sendError{code: "unavailable"}
	}
	return a.Result, a.err()
}

// receiveAll stores updates, those of one chat one after another, and returns the
// offset past which all are durable. What can't be read at all is logged and left:
// it would hold up everybody behind it for ever.
func (t *telegramChannel) receiveAll(ctx context.Context, updates []json.RawMessage) (next int64, err error) {
	type update struct {
		id   int64
		body []byte
	}
	byChat := map[string][]update{}
	var chats []string
	for _, body := range updates {
		id, ok := intake.TelegramID(body)
		if !ok {
			continue
		}
		next = max(next, id+1)
		in, _, err := intake.DecodeTelegram(body, t.o.Name)
		if err != nil {
			t.log.ErrorContext(ctx, "an update of Telegram can't be read", "update", id, "error", err)
			continue
		}
		if byChat[in.Thread] == nil {
			chats = append(chats, in.Thread)
		}
		byChat[in.Thread] = append(byChat[in.Thread], update{id, body})
	}
	var (
		mu      sync.Mutex
		running sync.WaitGroup
		room    = make(chan struct{}, telegramAtOnce)
	)
	for _, chat := range chats {
		room <- struct{}{} // given back below, by work that is bounded
		running.Go(func() {
			defer func() { <-room }()
			for _, u := range byChat[chat] {
				bounded, cancel := context.WithTimeout(ctx, answerWithin)
				failed := t.receive(bounded, u.body)
				cancel()
				if failed == nil {
					continue
				}
				if errors.Is(failed, tracker.ErrInvalid) {
					t.log.ErrorContext(ctx, "an update of Telegram breaks a rule", "update", u.id, "error", failed)
					continue
				}
				mu.Lock()
				defer mu.Unlock()
				next, err = min(next, u.id), failed
				return // what comes after it in this chat must wait for it
			}
		})
	}
	running.Wait()
	return next, err
}
