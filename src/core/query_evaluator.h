// The meaning of a query, slow and obvious: the truth that every store is tested against, and the search of
// the memory store.
#pragma once

#include "core/error.h"
#include "core/query.h"
#include "core/session_document.h"

namespace seshat {

// A query made ready for many documents. Thread-safe after construction.
class QueryEvaluator {
 public:
  // The error of CheckQuery.
  static Result<QueryEvaluator> Make(Query query);

  bool Matches(const SessionDocument& document) const;

 private:
  explicit QueryEvaluator(Query query) : query_(std::move(query)) {}
  Query query_;
};

}  // namespace seshat
