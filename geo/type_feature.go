package geo

import (
	"encoding/json"

	"github.com/paulmach/orb"
)

// Feature is an area with what its document says about it.
type Feature struct {
	Index      int             // in the document, from 0
	ID         string          // the feature's id (a number as written), else properties.id, else Index
	Properties json.RawMessage // an object as written, or nil
	Shape      orb.MultiPolygon
	RepairNote string // how the shape was changed to be read; empty: as it stands, but for winding
}
