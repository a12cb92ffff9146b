// What MetadataStore::Fields answers, from the documents themselves: slow and obvious. For stores without an
// index of types, and the truth for those that have one.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/query/document_fields.h"
#include "core/query/session_document.h"
#include "ports/search_types.h"

namespace seshat {

class FieldCollector {
 public:
  explicit FieldCollector(FieldsOptions options);

  void Add(const SessionDocument& document);
  std::vector<FieldInfo> Fields() &&;

 private:
  using Counts = std::map<std::string, uint64_t>;
  struct Use {
    Counts spellings;
    Counts units;
    Counts values;
    FieldInfo info;
  };
  void AddField(const std::string& folded, const std::vector<const FieldValue*>& values);

  FieldsOptions options_;
  std::set<std::string> wanted_;  // folded; empty: every metadata key
  uint64_t sessions_ = 0;
  std::map<std::string, Use> uses_;
};

}  // namespace seshat
