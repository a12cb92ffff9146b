#include "adapters/s3_store/body_reader.h"

#include <algorithm>
#include <utility>

#include "core/digest/crc64nvme.h"

namespace seshat::s3_store {
namespace {

constexpr uint64_t kBlock = 256 << 10;  // stays in the second-level cache between reading and hashing

}  // namespace

ReadResult ReadNow(const ReadTask& task, std::vector<std::byte>& scratch) {
  ReadResult result;
  std::optional<Sha256Hasher> part;
  if (task.part_digest) part.emplace();
  if (task.into == nullptr) scratch.resize(std::min(kBlock, task.length));
  for (uint64_t done = 0; done < task.length;) {
    const uint64_t length = std::min(kBlock, task.length - done);
    const MutableByteSpan block(task.into != nullptr ? task.into + done : scratch.data(), length);
    result.status = task.body->ReadAt(task.offset + done, block);
    if (!result.status) return result;
    if (task.whole != nullptr && part) {
      Sha256Hasher::UpdateBoth(*task.whole, *part, block);
    } else if (task.whole != nullptr) {
      task.whole->Update(block);
    } else if (part) {
      part->Update(block);
    }
    result.crc = digest::Crc64Nvme(block, result.crc);
    done += length;
  }
  if (part) result.part_digest = part->Finish();
  return result;
}

void BodyReader::Start(const ReadTask& task, Done done) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({task, std::move(done), {}});
  }
  if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  changed_.notify_one();
}

void BodyReader::Drain() {
  std::vector<Job> ended;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(ended_);
  }
  for (Job& job : ended) job.done(std::move(job.result));
}

void BodyReader::Run(const std::stop_token& stop) {
  std::vector<std::byte> scratch;
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    job.result = ReadNow(job.task, scratch);
    {
      const std::lock_guard lock(mutex_);
      ended_.push_back(std::move(job));
    }
    wake_();
  }
}

}  // namespace seshat::s3_store
