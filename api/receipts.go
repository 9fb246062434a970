package api

import (
	"context"
	"net/http"

	"aman/api/openapi"
)

// GetReceipt implements the contract's getReceipt.
func (s *Server) GetReceipt(ctx context.Context, r openapi.GetReceiptRequestObject) (openapi.GetReceiptResponseObject, error) {
	body, err := s.store.RepliedTo(ctx, callOf(ctx).ID.String(), r.Key.String())
	if err != nil {
		return nil, err
	}
	return reply{status: http.StatusOK, body: body, replayed: true}, nil
}

// VisitGetReceiptResponse implements the contract's answer.
func (r reply) VisitGetReceiptResponse(w http.ResponseWriter) error { return r.write(w) }
