package tracker

import "context"

// Step is one round of Run that returns its error, for tests with a clock of
// their own.
func (t *Tracker) Step(ctx context.Context) error {
	if err := t.catchUp(ctx); err != nil {
		return err
	}
	t.age()
	return t.duties(ctx)
}

// CompileZones compiles the zones now, as Run does once they stand still.
func (t *Tracker) CompileZones() error {
	s := t.Snapshot()
	c, err := s.index.Compile()
	if err != nil {
		return err
	}
	t.adopt(s, c)
	return nil
}
