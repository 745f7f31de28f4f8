package command

import "context"

func (s *session) init(ctx context.Context) int { return 0 }
