package tracker

import (
	"errors"
	"fmt"
)

// The kinds of error that the core and its store return, always wrapped with
// what happened. api maps each to one HTTP status.
var (
	// ErrNotFound: no such thing, or not in the caller's scope (never told apart).
	ErrNotFound = errors.New("not found")
	// ErrInvalid: the input breaks a rule; the message names the field.
	ErrInvalid = errors.New("invalid")
	// ErrConflict: somebody else changed it first, or the state forbids it.
	ErrConflict = errors.New("conflict")
	// ErrForbidden: the caller may not do this, whatever the object.
	ErrForbidden = errors.New("forbidden")
	// ErrKeyReused: an idempotency key came back with another body.
	ErrKeyReused = errors.New("idempotency key was used with another body")
	// ErrUnavailable: it could not be stored now; nothing was kept.
	ErrUnavailable = errors.New("unavailable")
)

// Conflicts that a caller can do something about; each is an ErrConflict.
var (
	// ErrSecondPerson: rule 6 wants somebody else to do this.
	ErrSecondPerson = fmt.Errorf("%w: a second person must do this", ErrConflict)
	// ErrDraftOpen: a draft or proposal stands on top of what is in force;
	// discard or publish it first.
	ErrDraftOpen = fmt.Errorf("%w: a draft is open; discard it first", ErrConflict)
)

// FieldError is an ErrInvalid with its place.
type FieldError struct {
	// Field is the path of the field, e.g. "position.radius_m".
	Field string
	// Code is a stable word for the broken rule, e.g. "out_of_range".
	Code string
	// Detail says what was expected.
	Detail string
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Detail }

// Is makes every FieldError an ErrInvalid.
func (e *FieldError) Is(target error) bool { return target == ErrInvalid }

func invalid(field, code, detail string) error {
	return &FieldError{Field: field, Code: code, Detail: detail}
}
