package main

import (
	"os/exec"
	"strings"
	"testing"
)

// layers says which of our packages each may import, tests aside: imports
// point inward. A package that isn't listed may import nothing of ours.
var layers = map[string][]string{
	"aman/geo":               {},
	"aman/geo/tracker":       {"aman/geo", "aman/geo/tracker/names"},
	"aman/geo/tracker/names": {},
	"aman/migrations":        {},
	"aman/web":               {},
	"aman/api/openapi":       {"aman/geo", "aman/geo/tracker"},
	"aman/api/auth":          {"aman/geo", "aman/geo/tracker"},
	"aman/api/intake":        {"aman/geo", "aman/geo/tracker", "aman/api/auth"},
	"aman/api/export":        {"aman/geo", "aman/geo/tracker", "aman/api/auth"},
	"aman/data":              {"aman/geo", "aman/geo/tracker", "aman/api/auth", "aman/migrations"},
	"aman/data/seed":         {"aman/geo", "aman/geo/tracker"},
	"aman/data/storetest":    {"aman/geo", "aman/geo/tracker", "aman/api/auth", "aman/data"},
	"aman/api":               {"aman/geo", "aman/geo/tracker", "aman/api/auth", "aman/api/openapi", "aman/api/intake", "aman/api/export", "aman/web"},
	"aman/cmd/aman":          {"*"},
}

func TestImportsPointInward(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "aman/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	edges := 0
	for line := range strings.Lines(string(out)) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), ": ")
		allowed := map[string]bool{}
		for _, p := range layers[from] {
			allowed[p] = true
		}
		for _, p := range strings.Fields(to) {
			if !strings.HasPrefix(p, "aman/") {
				continue
			}
			edges++
			if !allowed[p] && !allowed["*"] {
				t.Errorf("%s must not import %s", from, p)
			}
		}
	}
	if edges < 10 {
		t.Errorf("only %d edges were seen: is the list of packages right?", edges)
	}
}
