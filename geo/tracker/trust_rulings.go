package tracker

import (
	"context"
	"errors"
	"fmt"
)

// rulingsAtOnce bounds one write of the detector's rulings.
const rulingsAtOnce = 500

// storeRulings stores what the crowd made doubtful, or clear. Staff's word goes
// before it, whenever it came.
func (t *Tracker) storeRulings(ctx context.Context, lease *Lease) error {
	t.mu.Lock()
	due := t.pic.crowd.due(rulingsAtOnce)
	t.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	var people []ID
	for i := range due {
		people = append(people, due[i].Person)
	}
	made, err := t.store.RulingsOf(ctx, people)
	if err != nil {
		return fmt.Errorf("read rulings: %w", err)
	}
	last := map[ID]Ruling{}
	for _, r := range made {
		last[r.Report] = r // by N
	}
	var rows Rows
	var stale []Ruling
	for _, r := range due {
		if _, there := t.Snapshot().person(r.Person); !there || !last[r.Report].Author.IsZero() {
			stale = append(stale, r)
			continue
		}
		r.N, r.RecordedAt = last[r.Report].N+1, t.Now()
		rows.Rulings = append(rows.Rulings, r)
	}
	t.mu.Lock()
	t.pic.crowd.settled(stale)
	t.mu.Unlock()
	if len(rows.Rulings) == 0 {
		return nil
	}
	_, err = t.store.Commit(ctx, &Write{
		Rows:  rows,
		Audit: Audit{Role: "system", Action: "report.doubt", Object: fmt.Sprintf("%d reports", len(rows.Rulings))},
		Lease: lease,
	})
	switch {
	case errors.Is(err, ErrNotFound): // somebody was erased meanwhile: the next round leaves them out
		return nil
	case err != nil:
		return t.lost(fmt.Errorf("store rulings: %w", err))
	}
	return t.catchUp(ctx)
}
