// Search, side by side: the embedded index and a real OpenSearch on this machine, the ten shapes of queries over the same
// synthetic lab, in turn.
//
//   bench_search_opensearch --url URL [--sessions N] [--queries N] [--bulk N] [--keep] [--load SECONDS] DIRECTORY
//
// Loads 100,000 sessions into both where they do not have them yet, and measures how fast that goes. Both must find the
// same number of sessions and count the same facets, or it ends with status 1. With --keep both indices stay, and a later
// run begins with them; the embedded one is DIRECTORY/search/metadata.db, as bench_search leaves it. With --load it only
// puts into OpenSearch what is still missing there, for so many seconds, and says how many sessions it has then.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapters/opensearch/opensearch_metadata_store.h"
#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "adapters/system/system_clock.h"
#include "platform/http/client.h"
#include "platform/http/sender.h"
#include "search/search_corpus.h"

namespace seshat::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr uint64_t kSeed = 20261123;  // bench_search has the same
constexpr const char* kAlias = "seshat-bench";

struct Options {
  std::string url;
  std::filesystem::path directory;
  uint64_t sessions = 100'000;
  uint64_t queries = 60;
  size_t bulk = 2'000;
  bool keep = false;
  double load_seconds = 0;
};

double Percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())))];
}

double MillisecondsSince(Steady::time_point begin) {
  return std::chrono::duration<double, std::milli>(Steady::now() - begin).count();
}

void PrintRow(std::string_view workload, const std::string& ours, const std::string& peer, const std::string& ratio,
              std::string_view target, const std::string& notes) {
  fmt::print("| {} | {} | {} | {} | {} | {} |\n", workload, ours, peer, ratio, target, notes);
  std::fflush(stdout);
}

// Sessions a second inside Upsert, or nothing where they were there already; below 0: it failed. Sessions are the same in
// a corpus of any size, so loading goes on where it has ended; it ends after so many seconds where that is above 0.
double Load(MetadataStore& store, const SearchCorpus& corpus, size_t together, double most_seconds) {
  const auto have = store.GetStatus();
  const uint64_t first = have ? std::min(have->documents, corpus.sessions()) : 0;
  if (first == corpus.sessions()) return 0;
  std::vector<SessionDocument> batch;
  double seconds = 0;
  uint64_t i = first;
  for (; i < corpus.sessions() && (most_seconds <= 0 || seconds < most_seconds); ++i) {
    batch.push_back(corpus.Session(i));
    if (batch.size() < together && i + 1 < corpus.sessions()) continue;
    const auto begin = Steady::now();
    if (const auto stored = store.Upsert(batch); !stored) {
      fmt::print(stderr, "loading: {}\n", stored.error().ToString());
      return -1;
    }
    seconds += MillisecondsSince(begin) / 1000;
    batch.clear();
  }
  return static_cast<double>(i - first) / seconds;
}

// 0: all are there; 1: it failed; 3: there are more to load.
int LoadSome(MetadataStore& peer, const SearchCorpus& corpus, const Options& options) {
  const double rate = Load(peer, corpus, options.bulk, options.load_seconds);
  const auto have = peer.GetStatus();
  if (rate < 0 || !have) return 1;
  fmt::print("{} sessions in OpenSearch, {:.0f} a second\n", have->documents, rate);
  return have->documents == corpus.sessions() ? 0 : 3;
}

bool LoadBoth(MetadataStore& ours, MetadataStore& peer, const SearchCorpus& corpus, size_t bulk) {
  constexpr size_t kCommit = 500;
  const double mine = Load(ours, corpus, kCommit, 0);
  const double theirs = Load(peer, corpus, bulk, 0);
  if (mine < 0 || theirs < 0) return false;
  const auto text = [](double rate) { return rate > 0 ? fmt::format("{:.0f} sessions/s", rate) : "was there"; };
  PrintRow(fmt::format("index {} sessions of 30 keys", corpus.sessions()), text(mine), text(theirs),
           mine > 0 && theirs > 0 ? fmt::format("{:.1f}×", mine / theirs) : "–", "",
           fmt::format("{} a commit, {} a bulk and refresh", kCommit, bulk));
  return true;
}

bool Alike(const SearchPage& a, const SearchPage& b) {
  if (a.total != b.total || a.facets.size() != b.facets.size()) return false;
  for (size_t i = 0; i < a.facets.size(); ++i)
    if (a.facets[i].values != b.facets[i].values || a.facets[i].missing != b.facets[i].missing) return false;
  return true;
}

bool RunShape(MetadataStore& ours, MetadataStore& peer, const SearchCorpus& corpus, const SearchShape& shape,
              uint64_t queries) {
  std::vector<double> mine, theirs;
  double hits = 0;
  const uint64_t warm = queries / 10;
  for (uint64_t i = 0; i < queries + warm; ++i) {
    const auto request = MakeRequest(corpus, shape, i, true);
    auto begin = Steady::now();
    const auto page = ours.Search(request);
    const double took = MillisecondsSince(begin);
    begin = Steady::now();
    const auto other = peer.Search(request);
    const double other_took = MillisecondsSince(begin);
    if (!page || !other) {
      fmt::print(stderr, "{}: {}\n", shape.name, (page ? other : page).error().ToString());
      return false;
    }
    if (!Alike(*page, *other)) {
      fmt::print(stderr, "{}: {} hits here and {} in OpenSearch, or other facets\n", shape.query(corpus, i),
                 page->total, other->total);
      return false;
    }
    if (i < warm) continue;
    mine.push_back(took);
    theirs.push_back(other_took);
    hits += static_cast<double>(page->total);
  }
  const auto text = [](const std::vector<double>& times) {
    return fmt::format("p50 {:.2f}, p99 {:.2f} ms", Percentile(times, 0.5), Percentile(times, 0.99));
  };
  PrintRow(fmt::format("search: {}", shape.name), text(mine), text(theirs),
           fmt::format("{:.0f}× (p99 {:.0f}×)", Percentile(theirs, 0.5) / Percentile(mine, 0.5),
                       Percentile(theirs, 0.99) / Percentile(mine, 0.99)),
           "embedded ahead",
           fmt::format("{:.0f} hits on average, same totals and facets", hits / static_cast<double>(mine.size())));
  return true;
}

std::string Size(MetadataStore& store, const SearchCorpus& corpus) {
  const auto status = store.GetStatus();
  if (!status || !status->bytes) return "unknown";
  return fmt::format("{:.2f} KB a session",
                     static_cast<double>(*status->bytes) / static_cast<double>(corpus.sessions()) / 1000);
}

int Fail(const Error& error) {
  fmt::print(stderr, "{}\n", error.ToString());
  return 1;
}

int Run(const Options& options) {
  const auto url = http::ParseUrl(options.url);
  if (!url) return Fail(url.error());
  const auto clock = system::MakeSystemClock();
  opensearch::OpenSearchOptions peer_options;
  peer_options.origin = url->origin;
  peer_options.alias = kAlias;
  peer_options.sender = http::MakeSender([] { return http::MakeClient({}); });
  peer_options.clock = clock.get();
  peer_options.search.timeout = std::chrono::minutes{2};
  const auto peer = opensearch::MakeOpenSearchMetadataStore(peer_options);
  if (!peer) return Fail(peer.error());
  const SearchCorpus corpus(kSeed, options.sessions);
  if (options.load_seconds > 0) return LoadSome(**peer, corpus, options);
  const auto directory = options.directory / "search";
  std::filesystem::create_directories(directory);
  auto ours = sqlite_metadata_store::MakeSqliteMetadataStore({.path = directory / "metadata.db"});
  if (!ours) return Fail(ours.error());

  bool good = LoadBoth(**ours, **peer, corpus, options.bulk);
  for (const auto& shape : SearchShapes()) good = good && RunShape(**ours, **peer, corpus, shape, options.queries);
  if (good) PrintRow("size of the index", Size(**ours, corpus), Size(**peer, corpus), "–", "", "");
  if (options.keep) return good ? 0 : 1;
  ours->reset();
  std::filesystem::remove_all(directory);
  for (const auto* path : {"/_index_template/seshat-bench", "/seshat-bench-*"}) {
    const auto dropped =
        peer_options.sender->Send({.method = "DELETE", .origin = url->origin, .path = path, .operation = "drop"});
    if (!dropped.response) return Fail(dropped.response.error());
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) {
  seshat::bench::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto next = [&]() -> std::string { return i + 1 < argc ? argv[++i] : ""; };
    if (word == "--url") {
      options.url = next();
    } else if (word == "--sessions") {
      options.sessions = std::strtoull(next().c_str(), nullptr, 10);
    } else if (word == "--queries") {
      options.queries = std::strtoull(next().c_str(), nullptr, 10);
    } else if (word == "--bulk") {
      options.bulk = std::strtoull(next().c_str(), nullptr, 10);
    } else if (word == "--keep") {
      options.keep = true;
    } else if (word == "--load") {
      options.load_seconds = std::strtod(next().c_str(), nullptr);
    } else {
      options.directory = word;
    }
  }
  if (options.url.empty() || options.directory.empty() || options.sessions == 0 || options.queries == 0 ||
      options.bulk == 0) {
    fmt::print(stderr,
               "usage: bench_search_opensearch --url URL [--sessions N] [--queries N] [--bulk N] [--keep] "
               "[--load SECONDS] DIRECTORY\n");
    return 2;
  }
  return seshat::bench::Run(options);
}
