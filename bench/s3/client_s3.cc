// Our S3 store as a program, for bench_s3 to time: files of a directory into a bucket and back.
//
//   client_s3 put PORT DIRECTORY [CA]       every file of DIRECTORY as the agent puts it: small ones are read, hashed and
//                                           handed over, large ones are put resumably
//   client_s3 get PORT DIRECTORY COUNT      objects 00000.bin … of prefix "get/", compared with the store's checksum
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/s3_store/s3_store.h"
#include "adapters/system/system_clock.h"
#include "platform/aws/service.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"
#include "ports/blob_transfer.h"

namespace seshat::bench {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSmall = 8 << 20;  // the agent's limit

class FileSource : public BlobSource {
 public:
  FileSource(posix::UniqueFd fd, uint64_t size) : fd_(std::move(fd)), size_(size) {}
  uint64_t size() const override { return size_; }
  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    while (!out.empty()) {
      const ssize_t got = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
      if (got <= 0) return Fail(ErrorCode::kSourceChanged, "the file is shorter than it was");
      out = out.subspan(static_cast<size_t>(got));
      offset += static_cast<uint64_t>(got);
    }
    return {};
  }
  Status CheckUnchanged() override { return {}; }

 private:
  posix::UniqueFd fd_;
  uint64_t size_;
};

class FileSink : public BlobSink {
 public:
  explicit FileSink(posix::UniqueFd fd) : fd_(std::move(fd)) {}
  Status WriteAt(uint64_t offset, ByteSpan data) override {
    while (!data.empty()) {
      const ssize_t put = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
      if (put <= 0) return std::unexpected(posix::PosixError(errno, "writing"));
      data = data.subspan(static_cast<size_t>(put));
      offset += static_cast<uint64_t>(put);
    }
    return {};
  }

 private:
  posix::UniqueFd fd_;
};

// Remembers nothing: what the journal costs is bench_migrate's row.
class NoJournal : public PutJournal {
 public:
  Status SaveState(std::string_view) override { return {}; }
  Status SaveDigest(const Sha256&) override { return {}; }
};

class Files : public PutFeed {
 public:
  explicit Files(std::vector<fs::path> files) : files_(std::move(files)) {}
  std::optional<PutRequest> Next() override {
    if (ready_.empty()) Read();
    if (ready_.empty()) return std::nullopt;
    PutRequest request = std::move(ready_.front());
    ready_.pop_front();
    return request;
  }
  void Done(uint64_t, Result<PutOutcome> outcome) override {
    if (outcome) {
      ++done;
    } else {
      fmt::print(stderr, "{}\n", outcome.error().ToString());
    }
  }
  size_t done = 0;
  size_t count() const { return files_.size(); }

 private:
  // As the agent does: small ones are read and then hashed side by side.
  void Read() {
    std::vector<std::string> contents;
    std::optional<PutRequest> large;
    while (contents.size() < digest::kSha256MostLanes && next_ < files_.size()) {
      const fs::path& file = files_[next_++];
      posix::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
      struct stat status{};
      if (!fd.valid() || ::fstat(fd.get(), &status) != 0) continue;
      PutRequest request{.key = BlobKey::Parse("put/" + file.filename().string()).value()};
      const auto size = static_cast<uint64_t>(status.st_size);
      if (size > kSmall) {
        request.body = std::make_shared<FileSource>(std::move(fd), size);
        request.journal = &journal_;
        large = std::move(request);
        break;
      }
      std::string bytes;
      bytes.resize_and_overwrite(size, [&](char* into, size_t most) {
        return static_cast<size_t>(std::max<ssize_t>(::pread(fd.get(), into, most, 0), 0));
      });
      if (bytes.size() != size) continue;
      contents.push_back(std::move(bytes));
      ready_.push_back(std::move(request));
    }
    std::vector<ByteSpan> messages;
    for (const std::string& content : contents) messages.push_back(AsBytes(content));
    const auto digests = Sha256::OfEach(messages);
    for (size_t i = 0; i < ready_.size(); ++i) {
      ready_[i].sha256 = digests[i];
      ready_[i].body = SourceFromBytes(std::move(contents[i]));
    }
    if (large) ready_.push_back(*std::move(large));
  }

  std::vector<fs::path> files_;
  NoJournal journal_;
  size_t next_ = 0;
  std::deque<PutRequest> ready_;
};

class Objects : public GetFeed {
 public:
  Objects(fs::path directory, size_t count) : directory_(std::move(directory)), count_(count) {}
  std::optional<GetRequest> Next() override {
    if (next_ == count_) return std::nullopt;
    const std::string name = fmt::format("{:05}.bin", next_++);
    posix::UniqueFd fd(::open((directory_ / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd.valid()) return std::nullopt;
    return GetRequest{.key = BlobKey::Parse("get/" + name).value(), .sink = std::make_shared<FileSink>(std::move(fd))};
  }
  void Done(uint64_t, Result<BlobInfo> outcome) override {
    if (outcome) {
      ++done;
    } else {
      fmt::print(stderr, "{}\n", outcome.error().ToString());
    }
  }
  size_t done = 0;

 private:
  fs::path directory_;
  size_t count_;
  size_t next_ = 0;
};

int Main(int argc, char** argv) {
  if (argc < 4) return 2;
  const auto clock = system::MakeSystemClock();
  const auto random = system::MakeSystemRandom();
  const bool put = std::string_view(argv[1]) == "put";
  const bool tls = put && argc > 4;
  aws::Credentials keys;
  keys.keys.access_key_id = "bench";
  keys.keys.secret_access_key = Secret("bench");
  auto service = aws::MakeService({.service = "s3",
                                   .region = "us-east-1",
                                   .credentials = aws::MakeStaticCredentials(std::move(keys)),
                                   .http = {.ca_file = tls ? argv[4] : ""},
                                   .clock = clock.get(),
                                   .random = random.get()});
  s3_store::S3StoreOptions options{.bucket = "bench"};
  options.endpoint = aws::ResolveBucket("bench", {.region = "us-east-1",
                                                  .endpoint = fmt::format("{}://{}:{}", tls ? "https" : "http",
                                                                          tls ? "localhost" : "127.0.0.1", argv[2])})
                         .value();
  auto store = s3_store::MakeS3BlobStore(options, *std::move(service), *clock);
  if (!store) return 1;
  if (!put) {
    Objects objects(argv[3], argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 0);
    (*store)->GetAll(objects, {});
    return argc > 4 && objects.done == std::strtoul(argv[4], nullptr, 10) ? 0 : 1;
  }
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(argv[3]))
    if (entry.is_regular_file()) paths.push_back(entry.path());
  Files files(std::move(paths));
  (*store)->PutAll(files, {});
  return files.done == files.count() && files.count() > 0 ? 0 : 1;
}

}  // namespace
}  // namespace seshat::bench

int main(int argc, char** argv) { return seshat::bench::Main(argc, argv); }
