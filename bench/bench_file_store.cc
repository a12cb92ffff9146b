// The file store against a floor: the least a careful program does, one thread that reads, computes SHA-256,
// writes a temporary file, syncs it, links it, and syncs each directory once per batch.
//
//   bench_file_store DIR [rounds [scale]]      two workloads, alternating; medians and the share of the floor
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <vector>

#include "adapters/file_store/file_store.h"
#include "core/sha256.h"
#include "ports/blob_store.h"

namespace seshat {
namespace {

namespace fs = std::filesystem;

struct Workload {
  const char* name;
  size_t files;
  uint64_t bytes;
};

void Require(bool ok, const char* what) {
  if (ok) return;
  fmt::print(stderr, "{}: {}\n", what, std::generic_category().message(errno));
  std::exit(1);
}

std::string NameOf(size_t i) { return fmt::format("session-{}/raw/{}.bin", i / 500, i); }

void MakeSources(const fs::path& dir, const Workload& work) {
  std::vector<char> block(1024 * 1024);
  uint64_t state = 1;
  for (size_t i = 0; i < work.files; ++i) {
    const fs::path path = dir / NameOf(i);
    fs::create_directories(path.parent_path());
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    Require(fd >= 0, "open");
    for (uint64_t done = 0; done < work.bytes;) {
      for (size_t j = 0; j < block.size(); j += 8) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        std::memcpy(&block[j], &state, 8);
      }
      const size_t piece = std::min<uint64_t>(block.size(), work.bytes - done);
      Require(::write(fd, block.data(), piece) == static_cast<ssize_t>(piece), "write");
      done += piece;
    }
    ::close(fd);
  }
  ::sync();
}

void Floor(const fs::path& from, const fs::path& to, const Workload& work) {
  constexpr size_t kBatch = 512;
  std::vector<std::byte> buffer(std::min<uint64_t>(work.bytes, 4 * 1024 * 1024));
  fs::create_directories(to / ".puts");
  std::vector<std::pair<fs::path, fs::path>> batch;
  const auto link_all = [&] {
    std::vector<fs::path> touched;
    for (const auto& [temp, path] : batch) {
      if (fs::create_directories(path.parent_path())) {
        touched.push_back(path.parent_path().parent_path());
        touched.push_back(to);
      }
      touched.push_back(path.parent_path());
      Require(::link(temp.c_str(), path.c_str()) == 0, "link");
      Require(::unlink(temp.c_str()) == 0, "unlink");
    }
    std::ranges::sort(touched);
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    for (const auto& path : touched) {
      const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      Require(fd >= 0 && ::fsync(fd) == 0, "fsync directory");
      ::close(fd);
    }
    batch.clear();
  };
  for (size_t i = 0; i < work.files; ++i) {
    const int in = ::open((from / NameOf(i)).c_str(), O_RDONLY | O_CLOEXEC);
    const fs::path temp = to / ".puts" / std::to_string(i);
    const int out = ::open(temp.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0440);
    Require(in >= 0 && out >= 0, "open");
    Sha256Hasher hasher;
    ssize_t got = 0;
    while ((got = ::read(in, buffer.data(), buffer.size())) > 0) {
      hasher.Update(ByteSpan(buffer).first(static_cast<size_t>(got)));
      Require(::write(out, buffer.data(), static_cast<size_t>(got)) == got, "write");
    }
    (void)hasher.Finish();
    Require(::fsync(out) == 0, "fsync");
    ::close(in);
    ::close(out);
    batch.emplace_back(temp, to / NameOf(i));
    if (batch.size() == kBatch) link_all();
  }
  link_all();
}

class FileSource : public BlobSource {
 public:
  FileSource(const fs::path& path, uint64_t size)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), size_(size) {}
  ~FileSource() override { ::close(fd_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  uint64_t size() const override { return size_; }
  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    const ssize_t got = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got != static_cast<ssize_t>(out.size())) return Fail(ErrorCode::kSourceChanged, "short read");
    return {};
  }
  Status CheckUnchanged() override {
    struct stat status{};
    return ::fstat(fd_, &status) == 0 ? Status() : Fail(ErrorCode::kSourceChanged, "fstat");
  }

 private:
  int fd_;
  uint64_t size_;
};

class SourceFeed : public PutFeed {
 public:
  SourceFeed(fs::path from, const Workload& work) : from_(std::move(from)), work_(work) {}
  std::optional<PutRequest> Next() override {
    if (next_ == work_.files) return std::nullopt;
    const std::string name = NameOf(next_++);
    return PutRequest{.key = BlobKey::Parse(name).value(),
                      .body = std::make_shared<FileSource>(from_ / name, work_.bytes)};
  }
  void Done(uint64_t, Result<PutOutcome> outcome) override {
    if (outcome) return;
    fmt::print(stderr, "{}\n", outcome.error().ToString());
    std::exit(1);
  }

 private:
  fs::path from_;
  const Workload& work_;
  size_t next_ = 0;
};

void Ours(const fs::path& from, const fs::path& to, const Workload& work) {
  auto store = MakeFileBlobStore({.root = to});
  Require(store.has_value(), "opening the store");
  SourceFeed feed(from, work);
  (*store)->PutAll(feed, {});
}

double Seconds(const std::function<void()>& run) {
  const auto begin = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void Measure(const fs::path& dir, const Workload& work, int rounds) {
  const fs::path from = dir / "from";
  MakeSources(from, work);
  std::vector<double> floor;
  std::vector<double> ours;
  std::vector<double> share;
  for (int round = 0; round < rounds; ++round) {
    const auto fresh = [&](const char* name) {
      fs::remove_all(dir / name);
      ::sync();
      return dir / name;
    };
    const auto run_floor = [&] {
      floor.push_back(Seconds([&, to = fresh("floor")] { Floor(from, to, work); }));
    };
    const auto run_ours = [&] { ours.push_back(Seconds([&, to = fresh("ours")] { Ours(from, to, work); })); };
    if (round % 2 == 0) {
      run_floor();
      run_ours();
    } else {
      run_ours();
      run_floor();
    }
    share.push_back(floor.back() / ours.back());
    for (const char* name : {"floor", "ours"}) fs::remove_all(dir / name);
  }
  fs::remove_all(from);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto [least, most] = std::ranges::minmax(share);
  fmt::print(
      "{:20} floor {:7.3f} s  ours {:7.3f} s  share of the floor {:.2f} ({:.2f}-{:.2f})  peak {} MiB\n",
      work.name, Median(floor), Median(ours), Median(share), least, most, usage.ru_maxrss / 1024);
}

}  // namespace
}  // namespace seshat

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} DIR [rounds [scale]]\n", argv[0]);
    return 2;
  }
  const int rounds = argc > 2 ? std::max(std::atoi(argv[2]), 1) : 7;
  // 0.1: a tenth of the files and of the bytes, for a quick look.
  const double scale = argc > 3 ? std::atof(argv[3]) : 1.0;
  const auto dir = std::filesystem::path(argv[1]) / "bench-file-store";
  seshat::Measure(dir, {"10,000 x 100 KiB", static_cast<size_t>(10'000 * scale), 100 * 1024}, rounds);
  seshat::Measure(dir, {"1 x 2 GiB", 1, static_cast<uint64_t>(scale * (2ULL << 30))}, rounds);
  std::filesystem::remove_all(dir);
  return 0;
}
