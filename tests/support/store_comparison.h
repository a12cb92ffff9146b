// Random corpora and random searches: a metadata store answers exactly what the reference answers. One generator for
// every store.
//
// A failure prints its seed; SESHAT_SEARCH_SEED=<seed> runs that corpus alone, SESHAT_SEARCH_ROUNDS=<n> other numbers of
// them than usual.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/metadata_store.h"
#include "support/search_maker.h"

namespace seshat::testing {

struct ComparisonOptions {
  // An empty store, for each corpus.
  std::function<std::unique_ptr<MetadataStore>()> make_store;
  uint64_t corpora = 30;  // unless the environment says otherwise
  int searches = 110;     // on each
  size_t sessions = 20;   // at most
  // Stores the corpus in several Upserts: for stores that keep apart what came apart.
  bool in_parts = false;
};

// Adds failures to the test that calls it; ends with the first difference.
void CompareWithReference(const ComparisonOptions& options);

SearchRequest AnyRequest(SearchMaker& maker);
std::string Describe(const SearchRequest& request);
std::string Describe(const Result<SearchPage>& page);
// Some sessions come several times, newer, older or the same; equal versions are equal documents.
std::vector<SessionDocument> AnyCorpus(SearchMaker& maker, size_t sessions);

}  // namespace seshat::testing
