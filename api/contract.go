package api

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"aman/api/auth"
	"aman/api/intake"
)

// contractYAML is the contract as it is served.
//
//go:embed openapi.yaml
var contractYAML []byte

// operation is what the contract asks of the requests of one route.
type operation struct {
	id     string
	method string
	route  string // the path as the router writes it
	query  map[string]param
	path   map[string]param
	header map[string]param
	// media maps each accepted Content-Type to its schema; nil: no body. A schema
	// may be nil: the handler decodes by itself.
	media map[string]*intake.Schema
}

type param struct {
	schema   *intake.Schema
	required bool
}

// compileContract turns the contract into what requests are held against, by operationId.
func compileContract() (map[string]*operation, error) {
	doc, err := openapi3.NewLoader().LoadFromData(contractYAML)
	if err != nil {
		return nil, fmt.Errorf("read contract: %w", err)
	}
	ops := map[string]*operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o, err := compileOperation(item, op)
			if err != nil {
				return nil, fmt.Errorf("read contract: %s %s: %w", method, path, err)
			}
			o.method, o.route = method, echoPath(path)
			ops[op.OperationID] = o
		}
	}
	return ops, nil
}

func compileOperation(item *openapi3.PathItem, op *openapi3.Operation) (*operation, error) {
	o := &operation{id: op.OperationID, query: map[string]param{}, path: map[string]param{}, header: map[string]param{}}
	for _, ref := range slices.Concat(item.Parameters, op.Parameters) {
		p := ref.Value
		sc, err := compileSchema(p.Schema.Value)
		if err != nil {
			return nil, fmt.Errorf("parameter %q: %w", p.Name, err)
		}
		in := map[string]map[string]param{"query": o.query, "path": o.path, "header": o.header}[p.In]
		if in == nil {
			return nil, fmt.Errorf("parameter %q: unknown place %q", p.Name, p.In)
		}
		in[p.Name] = param{schema: sc, required: p.Required}
	}
	if op.RequestBody == nil {
		return o, nil
	}
	o.media = map[string]*intake.Schema{}
	for media, m := range op.RequestBody.Value.Content {
		o.media[media] = nil
		if media != "application/json" || decodesItself[o.id] {
			continue
		}
		sc, err := compileSchema(m.Schema.Value)
		if err != nil {
			return nil, fmt.Errorf("body: %w", err)
		}
		o.media[media] = sc
	}
	return o, nil
}

// decodesItself names the operations whose bodies package intake decodes
// directly, more strictly than a schema can say.
var decodesItself = map[string]bool{"createReport": true, "createPerson": true, "editPerson": true, "linkReport": true, "linkRead": true}

func compileSchema(s *openapi3.Schema) (*intake.Schema, error) {
	sc := &intake.Schema{
		MinLength: int(s.MinLength), Format: s.Format, Min: math.Inf(-1), Max: math.Inf(1),
		MinItems: int(s.MinItems), Required: s.Required, MinProperties: int(s.MinProps),
	}
	if s.Type != nil {
		if len(*s.Type) != 1 {
			return nil, fmt.Errorf("a schema has %d types", len(*s.Type))
		}
		sc.Type = (*s.Type)[0]
	}
	if s.Min != nil {
		sc.Min = *s.Min
	}
	if s.Max != nil {
		sc.Max = *s.Max
	}
	if s.MaxLength != nil {
		sc.MaxLength = int(*s.MaxLength)
	}
	if s.MaxItems != nil {
		sc.MaxItems = int(*s.MaxItems)
	}
	for _, e := range s.Enum {
		sc.Enum = append(sc.Enum, fmt.Sprint(e))
	}
	if s.Pattern != "" {
		re, err := regexp.Compile(s.Pattern)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", s.Pattern, err)
		}
		sc.Pattern = re
	}
	if s.Items != nil {
		items, err := compileSchema(s.Items.Value)
		if err != nil {
			return nil, err
		}
		sc.Items = items
	}
	closed := s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has
	sc.Open = sc.Type == "object" && !closed
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		m, err := compileSchema(s.Properties[name].Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		sc.Names = append(sc.Names, name)
		sc.Members = append(sc.Members, m)
	}
	if len(sc.Names) > 64 {
		return nil, fmt.Errorf("an object has %d members, more than 64", len(sc.Names))
	}
	return sc, nil
}

// echoPath writes a path of the contract as the router does: {id} is :id.
func echoPath(p string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(p)
}

// checkContract compares the contract with the declared routes: every operation
// must be declared for its own method and path.
func checkContract(ops map[string]*operation, declared *auth.Registry) error {
	var errs []error
	for _, o := range ops {
		if r, ok := declared.Lookup(o.method, o.route); !ok || r.Operation != o.id {
			errs = append(errs, fmt.Errorf("operation %q of the contract is not declared as %s %s", o.id, o.method, o.route))
		}
	}
	for _, r := range declared.Routes() {
		if _, ok := ops[r.Operation]; !ok && strings.HasPrefix(r.Path, "/api/v1/") {
			errs = append(errs, fmt.Errorf("route %s %s is not in the contract", r.Method, r.Path))
		}
	}
	return errors.Join(errs...)
}
