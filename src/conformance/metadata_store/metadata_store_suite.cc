#include "conformance/metadata_store/metadata_store_suite.h"

#include <vector>

#include "conformance/metadata_store/metadata_store_cases.h"
#include "core/query/query_parser.h"

namespace seshat::conformance {

SessionDocument Session(std::string_view id, std::initializer_list<std::pair<const char*, std::string_view>> metadata,
                        int minute) {
  SessionDocument d;
  d.session_id = id;
  d.revision = 1;
  d.version = uint64_t{1} << 32;
  d.source = "rig-1";
  d.state = "complete";
  d.metadata_state = "present";
  d.started_at = Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}} + std::chrono::minutes{minute};
  d.ended_at = d.started_at + std::chrono::minutes{1};
  d.migrated_at = d.ended_at + std::chrono::seconds{1};
  d.manifest_key = d.session_id + "/manifests/000001.json";
  for (const auto& [key, value] : metadata) d.metadata.push_back({key, metadata::TypeValue(value)});
  return d;
}

SessionDocument Newer(SessionDocument document) {
  ++document.revision;
  document.version = uint64_t{document.revision} << 32;
  return document;
}

Query Parsed(std::string_view text) {
  auto query = query::ParseQuery(text);
  if (!query) ADD_FAILURE() << query.error().Message(text);
  return query ? std::move(*query) : Query{};
}

std::string IdsOf(const SearchPage& page) {
  std::string ids;
  for (const auto& hit : page.hits) ids += (ids.empty() ? "" : " ") + hit.document.session_id;
  return ids;
}

std::string Found(MetadataStore& store, const Query& query) {
  SearchRequest request;
  request.query = query;
  request.limit = 1000;
  const auto page = store.Search(request);
  return page ? IdsOf(*page) : page.error().ToString();
}

std::string Found(MetadataStore& store, std::string_view query) { return Found(store, Parsed(query)); }

bool Put(MetadataStore& store, std::initializer_list<SessionDocument> documents) {
  const auto status = store.Upsert(std::span(documents.begin(), documents.size()));
  EXPECT_TRUE(status.has_value()) << status.error().ToString();
  return status.has_value();
}

std::span<const Case<MetadataStoreHarness>> MetadataStoreCases() {
  static const std::vector<MetadataCase> cases = [] {
    std::vector<MetadataCase> all;
    for (const auto part : {MetadataWriteCases(), MetadataQueryCases(), MetadataPageCases(), MetadataOverviewCases()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return cases;
}

}  // namespace seshat::conformance
