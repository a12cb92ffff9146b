// The parts of the MetadataStore suite, and what they share. Private to the suite.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/metadata_store/metadata_store_suite.h"
#include "core/query/session_document.h"

namespace seshat::conformance {

using MetadataCase = Case<MetadataStoreHarness>;

std::span<const MetadataCase> MetadataWriteCases();
std::span<const MetadataCase> MetadataQueryCases();
std::span<const MetadataCase> MetadataPageCases();
std::span<const MetadataCase> MetadataOverviewCases();

// A complete session of revision 1 that started `minute` minutes into 2026-11-23.
SessionDocument Session(std::string_view id, std::initializer_list<std::pair<const char*, std::string_view>> metadata,
                        int minute = 0);
// The next revision of a document.
SessionDocument Newer(SessionDocument document);

Query Parsed(std::string_view text);
// The session ids of all hits, newest first, with blanks between them; the error where there is one.
std::string Found(MetadataStore& store, const Query& query);
std::string Found(MetadataStore& store, std::string_view query);
std::string IdsOf(const SearchPage& page);
bool Put(MetadataStore& store, std::initializer_list<SessionDocument> documents);

}  // namespace seshat::conformance
