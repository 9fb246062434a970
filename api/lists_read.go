package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"

	"aman/api/intake"
	"aman/api/openapi"
	"aman/geo/tracker"
)

const (
	// maxListOptions is how many bytes the options may have: headings are people's words.
	maxListOptions = 128 << 10
	// maxSuggestions is for how many rows of a closing list people are suggested.
	maxSuggestions = 50
)

// openList takes an upload apart and finds out how it is to be read.
func (s *Server) openList(ctx context.Context, crisis *string, parts *multipart.Reader) (*taking, error) {
	c, err := s.crisis(s.view(ctx), crisis)
	if err != nil {
		return nil, err
	}
	file, options, err := uploadOf(parts)
	if err != nil {
		return nil, err
	}
	t := &taking{in: callOf(ctx), crisis: c}
	if len(options) > 0 {
		if t.options, err = s.listOptions(ctx, options); err != nil {
			return nil, err
		}
	}
	t.hash = hashOf(c.ID, file, t.options)
	d := s.defaults(t.in, c)
	t.list, err = intake.ReadList(file, t.options, d)
	return t, err
}

// uploadOf reads the form: one file, and one text of options at most.
func uploadOf(parts *multipart.Reader) (file, options []byte, err error) {
	bad := func(code, detail string) error { return refuse(400, code, detail) }
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, bad("bad_form", "The form can't be read.")
		}
		var into *[]byte
		most := int64(maxListOptions)
		switch part.FormName() {
		case "file":
			into, most = &file, intake.MaxListBytes
		case "options":
			into = &options
		default:
			return nil, nil, bad("unknown_member", "The form takes `file` and `options`.")
		}
		if *into != nil {
			return nil, nil, bad("duplicate_key", "The form has a part twice.")
		}
		if *into, err = io.ReadAll(io.LimitReader(part, most+1)); err != nil {
			return nil, nil, bad("bad_form", "The form can't be read.")
		}
		if int64(len(*into)) > most {
			return nil, nil, refuse(413, "body_too_large", fmt.Sprintf("`%s` has more than %d bytes.", part.FormName(), most))
		}
	}
	if file == nil {
		return nil, nil, badList("file", "required", "is missing")
	}
	return file, options, nil
}

// listOptions reads options, laid over the saved mapping that they name.
func (s *Server) listOptions(ctx context.Context, b []byte) (intake.ListOptions, error) {
	o, err := intake.ReadListOptions(b, intake.ListOptions{}, s.tracker.World())
	if err != nil || o.Mapping.IsZero() {
		return o, ofOptions(err)
	}
	m, err := s.mapping(ctx, o.Mapping)
	if errors.Is(err, tracker.ErrNotFound) {
		return o, badList("options.mapping", "unknown_mapping", "No such mapping is saved.")
	}
	if err != nil {
		return o, err
	}
	base, err := intake.ReadListMapping(m.Text, s.tracker.World())
	if err != nil {
		return o, fmt.Errorf("read mapping %s: %w", m.ID, err)
	}
	o, err = intake.ReadListOptions(b, base, s.tracker.World())
	return o, ofOptions(err)
}

// ofOptions puts the path of an error under the form's part.
func ofOptions(err error) error {
	var fe *tracker.FieldError
	if errors.As(err, &fe) {
		path := "options"
		if fe.Field != "" {
			path += "." + fe.Field
		}
		return &tracker.FieldError{Field: path, Code: fe.Code, Detail: fe.Detail}
	}
	return err
}

// readList turns rows into filings. In a closing list these are about people who
// are held already; nobody new is made.
func (s *Server) readList(ctx context.Context, t *taking) error {
	if !t.options.Closes {
		for _, row := range t.list.Rows {
			t.filings, t.rows = append(t.filings, row.Filing), append(t.rows, row.Row)
		}
		return nil
	}
	seen := map[tracker.ID]bool{}
	for _, row := range t.list.Rows {
		id, err := s.leaver(ctx, t, row.Filing.Person)
		if errors.Is(err, tracker.ErrNotFound) {
			t.notFound = append(t.notFound, row)
			continue
		}
		if err != nil {
			return err
		}
		if seen[id] {
			if !t.partner() { // who would learn that somebody is held
				t.list.Doubled++ // once by IIN, once by passport
			}
			continue
		}
		seen[id] = true
		f := tracker.Filing{Report: row.Filing.Report}
		f.Report.Person = id
		t.filings, t.rows = append(t.filings, f), append(t.rows, row.Row)
	}
	return s.suggest(ctx, t)
}

// leaver finds who of the crisis a closing row is about: by IIN, or by passport and
// birth date. A name is never enough. Errors: tracker.ErrNotFound, also for
// somebody out of the caller's scope.
func (s *Server) leaver(ctx context.Context, t *taking, p *tracker.Person) (tracker.ID, error) {
	d := &p.Details
	none := fmt.Errorf("%w: person", tracker.ErrNotFound)
	v := s.view(ctx)
	if t.partner() {
		v = v.Snapshot().View(tracker.Scope{All: true}, s.now())
	}
	for _, x := range [...]struct{ kind, value string }{{"iin", d.IIN}, {"passport", d.Passport}} {
		if x.value == "" || x.kind == "passport" && d.BirthDate == "" {
			continue
		}
		id, err := s.store.FindIdentifier(ctx, t.crisis.ID, x.kind, x.value)
		if errors.Is(err, tracker.ErrNotFound) {
			continue
		}
		if err != nil {
			return id, fmt.Errorf("look for who has left: %w", err)
		}
		if _, ok := v.Person(id); !ok {
			continue
		}
		held, err := s.store.PersonVersion(ctx, id)
		if err != nil {
			return id, fmt.Errorf("look for who has left: %w", err)
		}
		// A number from the next line of a list must not close somebody else.
		if x.kind == "passport" && held.Details.BirthDate != d.BirthDate || !tracker.SameHuman(&held, p) {
			continue
		}
		return id, nil
	}
	return tracker.ID{}, none
}

// suggest finds who the rows may be about that name nobody by number. Staff decide.
func (s *Server) suggest(ctx context.Context, t *taking) error {
	t.suggestions = []openapi.ListSuggestion{}
	if t.partner() {
		return nil
	}
	v := s.view(ctx)
	for _, row := range t.notFound {
		if len(t.suggestions) == maxSuggestions {
			break
		}
		cs, err := v.Suggest(t.crisis.ID, row.Filing.Person, 3)
		if err != nil {
			return fmt.Errorf("suggest people: %w", err)
		}
		if len(cs) == 0 {
			continue
		}
		one := openapi.ListSuggestion{Row: row.Row}
		for _, c := range cs {
			one.People = append(one.People, struct {
				Name     string     `json:"name"`
				PersonId tracker.ID `json:"person_id"`
				Score    float64    `json:"score"`
			}{firstName(c.Row.Name, c.Row.Latin), c.Row.ID, c.Score})
		}
		t.suggestions = append(t.suggestions, one)
	}
	return nil
}

func firstName(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}
