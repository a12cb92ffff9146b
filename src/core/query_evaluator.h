// The meaning of a query, slow and obvious: the truth that every store is tested against, and the search of
// the memory store.
#pragma once

#include <utility>

#include "core/error.h"
#include "core/field_aliases.h"
#include "core/query.h"
#include "core/session_document.h"

namespace seshat {

// A query made ready for many documents. Thread-safe after construction.
class QueryEvaluator {
 public:
  // The error of CheckQuery.
  static Result<QueryEvaluator> Make(Query query, FieldAliases aliases = {});

  bool Matches(const SessionDocument& document) const;

 private:
  QueryEvaluator(Query query, FieldAliases aliases)
      : query_(std::move(query)), aliases_(std::move(aliases)) {}
  Query query_;
  FieldAliases aliases_;
};

}  // namespace seshat
