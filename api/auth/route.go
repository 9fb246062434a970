package auth

import (
	"errors"
	"fmt"
	"sort"
)

// Scope kinds say what holds back the answer of a route.
type ScopeKind uint8

const (
	// ScopeNone: nothing about people; the permission alone decides.
	ScopeNone ScopeKind = iota + 1
	// ScopePeople: about people; only those within the caller's scope, others are 404.
	ScopePeople
	// ScopeSelf: about the caller alone.
	ScopeSelf
	// ScopeSubmit: takes in and gives back a receipt.
	ScopeSubmit
)

// Route declares one route of the server: who may call it and what it may tell.
type Route struct {
	Method string
	Path   string // as the router knows it: /api/v1/zones/:id
	// Operation is the operationId of the contract, or a name for what isn't in it.
	Operation  string
	Permission Permission
	Scope      ScopeKind
}

// Registry is the list of all routes that may be served. Nothing else is.
type Registry struct {
	byKey map[string]Route
	paths map[string]bool
}

// NewRegistry checks the declarations: a route without permission or scope, or
// declared twice, is an error.
func NewRegistry(rs ...Route) (*Registry, error) {
	r := &Registry{byKey: make(map[string]Route, len(rs)), paths: map[string]bool{}}
	var errs []error
	for _, x := range rs {
		key := x.Method + " " + x.Path
		_, twice := r.byKey[key]
		switch {
		case x.Method == "" || x.Path == "" || x.Operation == "":
			errs = append(errs, fmt.Errorf("route %q: method, path or operation is missing", key))
		case x.Permission == "" || x.Scope == 0:
			errs = append(errs, fmt.Errorf("route %q: permission or scope is missing", key))
		case twice:
			errs = append(errs, fmt.Errorf("route %q is declared twice", key))
		}
		r.byKey[key] = x
		r.paths[x.Path] = true
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

// Lookup returns the declaration of a route.
func (r *Registry) Lookup(method, path string) (Route, bool) {
	x, ok := r.byKey[method+" "+path]
	return x, ok
}

// HasPath tells whether the path is declared with any method.
func (r *Registry) HasPath(path string) bool { return r.paths[path] }

// Routes lists all declarations, sorted by path and method.
func (r *Registry) Routes() []Route {
	rs := make([]Route, 0, len(r.byKey))
	for _, x := range r.byKey {
		rs = append(rs, x)
	}
	sort.Slice(rs, func(i, j int) bool {
		if rs[i].Path != rs[j].Path {
			return rs[i].Path < rs[j].Path
		}
		return rs[i].Method < rs[j].Method
	})
	return rs
}

// Check compares the declarations with the routes that a router really has, as
// "METHOD /path": every one must be declared, and every declared one must exist.
func (r *Registry) Check(served []string) error {
	var errs []error
	have := make(map[string]bool, len(served))
	for _, s := range served {
		have[s] = true
		if _, ok := r.byKey[s]; !ok {
			errs = append(errs, fmt.Errorf("route %q is served but not declared", s))
		}
	}
	for _, x := range r.Routes() {
		if !have[x.Method+" "+x.Path] {
			errs = append(errs, fmt.Errorf("route %q is declared but not served", x.Method+" "+x.Path))
		}
	}
	return errors.Join(errs...)
}
