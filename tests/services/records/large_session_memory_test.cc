// A session of 200,000 files is indexed, fetched and verified in little memory, measured in a child process. Its
// manifest lies on disk in pages; its files exist nowhere: what a target costs is not the question.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "adapters/file_store/file_store.h"
#include "core/records/keys.h"
#include "core/records/manifest_pages.h"
#include "ports/blob_transfer.h"
#include "services/indexing/document_builder.h"
#include "services/retrieval/download.h"
#include "services/retrieval/verification.h"
#include "support/fakes.h"
#include "support/temp_dir.h"

namespace seshat::testing {
namespace {

constexpr uint64_t kFiles = 200'000;
constexpr int64_t kAllowedBytes = int64_t{64} << 20;
constexpr std::string_view kByte = "x";
constexpr std::string_view kChecksum = "crc64nvme:AAAAAAAAAAA=";

const SessionId kId = SessionId::Parse("run-1").value();

// Every raw file is one byte; all else is the inner store's.
class OneByteFiles : public BlobStore {
 public:
  explicit OneByteFiles(BlobStore& inner) : inner_(inner) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  void PutAll(PutFeed& feed, std::stop_token stop) override { inner_.PutAll(feed, std::move(stop)); }
  Status Abandon(const BlobKey& key, std::string_view state) override { return inner_.Abandon(key, state); }
  void GetAll(GetFeed& feed, std::stop_token) override {
    while (auto request = feed.Next()) feed.Done(request->tag, Get(*request));
  }
  Result<BlobInfo> Stat(const BlobKey& key) override { return IsRaw(key) ? Info(key) : inner_.Stat(key); }
  Result<ListPage> List(const ListOptions& options) override { return inner_.List(options); }
  Status Restore(const BlobKey& key, const RestoreOptions& options) override { return inner_.Restore(key, options); }
  std::string Url(const BlobKey& key) const override { return inner_.Url(key); }

 private:
  static bool IsRaw(const BlobKey& key) { return key.value().starts_with("run-1/raw/"); }
  static Result<BlobInfo> Info(const BlobKey& key) {
    return BlobInfo{.key = key.value(), .size = 1, .checksum = std::string(kChecksum)};
  }
  Result<BlobInfo> Get(const GetRequest& request) {
    if (!IsRaw(request.key)) return GetOne(inner_, request);
    SESHAT_TRY(request.sink->WriteAt(0, AsBytes(kByte)));
    return Info(request.key);
  }

  BlobStore& inner_;
};

class Nowhere : public DownloadTarget {
 public:
  Result<std::unique_ptr<PartialFile>> Begin(const TargetFile&) override {
    ++files;
    return std::make_unique<File>();
  }
  uint64_t files = 0;

 private:
  class File : public PartialFile {
   public:
    std::shared_ptr<BlobSink> sink() override { return std::make_shared<MemorySink>(1); }
    Status Finish() override { return {}; }
  };
};

// As the agent does: page by page.
void WriteManifest(BlobStore& store) {
  Manifest manifest{.session_id = kId.value(), .metadata_path = "metadata.txt"};
  std::vector<ManifestPageRef> pages;
  const Sha256 sha256 = Sha256::Of(AsBytes(kByte));
  const auto begin = [&] {
    return records::ManifestListsBuilder(
        records::EncodeManifestPageOpening(kId, 1, static_cast<uint32_t>(pages.size() + 1)), {});
  };
  auto lists = begin();
  const auto finish = [&] {
    auto page = records::FinishManifestPage(kId, 1, static_cast<uint32_t>(pages.size() + 1), std::move(lists)).value();
    pages.push_back(page.ref);
    ASSERT_TRUE(PutBytes(store, BlobKey::Parse(page.ref.key).value(), std::move(page.text)));
    lists = begin();
  };
  for (uint64_t i = 0; i <= kFiles; ++i) {
    const std::string path = i < kFiles ? fmt::format("camera/{:08}-frame.bin", i) : "metadata.txt";
    const ManifestFile file{.path = path,
                            .key = keys::Raw(kId, 1, 0, path).value().value(),
                            .size = 1,
                            .sha256 = sha256,
                            .mode = 0644,
                            .checksum = std::string(kChecksum)};
    if (lists.Add(file)) continue;
    finish();
    lists.Add(file);
  }
  finish();
  ASSERT_TRUE(PutBytes(store, keys::Manifest(kId, 1).value(), records::EncodeManifestHeadOfPages(manifest, pages)));
}

int64_t StatusBytes(const std::string& field) {
  const int fd = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  std::string text(8192, '\0');
  const auto size = ::read(fd, text.data(), text.size());
  ::close(fd);
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  const auto at = text.find(field + ":");
  return at == std::string::npos ? -1 : std::stoll(text.substr(at + field.size() + 1)) * 1024;
}

struct Outcome {
  int64_t growth = -1;
  uint64_t indexed = 0;
  uint64_t listed = 0;
  uint64_t fetched = 0;
  uint64_t verified = 0;
};

Outcome ReadInThisProcess(const TempDir& dir) {
  constexpr auto kNobody = [](uint64_t, uint64_t) {};
  Outcome outcome;
  const auto disk = file_store::MakeFileBlobStore({.root = dir / "store"}).value();
  OneByteFiles store(*disk);
  MemoryLogger logger;
  const int64_t before = StatusBytes("VmRSS");
  if (const auto document = indexing::DocumentBuilder(store, logger, {}).Build({.id = kId})) {
    outcome.indexed = document->file_count;
    outcome.listed = document->files.size();
  }
  const auto selection = retrieval::SelectNewest(store, kId, retrieval::What::kAll, {});
  if (!selection) return outcome;
  Nowhere target;
  if (const auto done = retrieval::Download(store, target, *selection, kNobody, {})) outcome.fetched = done->fetched;
  if (const auto done = retrieval::Verify(store, *selection, {}, kNobody, {})) outcome.verified = done->by_checksum;
  outcome.growth = StatusBytes("VmHWM") - before;
  return outcome;
}

TEST(LargeSessionMemory, IndexingFetchingAndVerifyingDoNotGrowWithTheFilesOfASession) {
  const TempDir dir;
  WriteManifest(*file_store::MakeFileBlobStore({.root = dir / "store"}).value());
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const Outcome outcome = ReadInThisProcess(dir);
    const auto written = ::write(ends[1], &outcome, sizeof outcome);
    ::_exit(written == sizeof outcome ? 0 : 1);
  }
  ::close(ends[1]);
  Outcome outcome;
  EXPECT_EQ(::read(ends[0], &outcome, sizeof outcome), static_cast<ssize_t>(sizeof outcome));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0) << "the child died";
  EXPECT_EQ(outcome.indexed, kFiles + 1);
  EXPECT_EQ(outcome.listed, 2000U);
  EXPECT_EQ(outcome.fetched, kFiles + 1);
  EXPECT_EQ(outcome.verified, kFiles + 1);
  EXPECT_LT(outcome.growth, kAllowedBytes);
  RecordProperty("growth_kib", std::to_string(outcome.growth >> 10));
}

}  // namespace
}  // namespace seshat::testing
