// The meaning of a query, slow and obvious: the truth that every store is tested against, and the search of
// the memory store.
#pragma once

#include <utility>

#include "core/base/error.h"
#include "core/metadata/field_aliases.h"
#include "core/query/query.h"
#include "core/query/session_document.h"

namespace seshat::query {

// A query made ready for many documents. Thread-safe after construction.
class QueryEvaluator {
 public:
  // The error of CheckQuery.
  static Result<QueryEvaluator> Make(Query query, FieldAliases aliases = {});

  bool Matches(const SessionDocument& document) const;

 private:
  QueryEvaluator(Query query, FieldAliases aliases) : query_(std::move(query)), aliases_(std::move(aliases)) {}
  Query query_;
  FieldAliases aliases_;
};

}  // namespace seshat::query

namespace seshat {
using query::QueryEvaluator;
}  // namespace seshat
