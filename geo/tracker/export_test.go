package tracker

import "context"

// Step is one round of Run that returns its error, for tests with a clock of
// their own.
func (t *Tracker) Step(ctx context.Context) error {
	if err := t.catchUp(ctx); err != nil {
		return err
	}
	return t.duties(ctx)
}
