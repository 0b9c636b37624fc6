// What Rust asks of libtorch beside tch: a group of processes over Gloo with what they add up, and the half for GPUs.

#include <chrono>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include <dlfcn.h>

#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace {

using Backend = c10::intrusive_ptr<c10d::Backend>;
using std::chrono::milliseconds;

// Whether it went well; else `error` is what was thrown, for `free`.
template <class Work>
bool told(char** error, Work&& work) noexcept {
  try {
    work();
    return true;
  } catch (const std::exception& thrown) {
    *error = strdup(thrown.what());
  } catch (...) {
    *error = strdup("something that is no exception was thrown");
  }
  return false;
}

// In place, on the CPU and contiguous.
void add_up(const Backend& backend, const at::Tensor& tensor) {
  std::vector<at::Tensor> tensors{tensor};
  backend->allreduce(tensors)->wait();
}

at::Tensor added_up(const Backend& backend, const at::Tensor& tensor) {
  auto sum = tensor.to(at::kCPU).contiguous().clone();
  add_up(backend, sum);
  return sum.to(tensor.device());
}

// A sum over the group has in each process the sum of all gradients as its gradient.
struct Sum : torch::autograd::Function<Sum> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& own, const Backend& backend) {
    context->saved_data["group"] = c10::IValue::make_capsule(backend);
    return added_up(backend, own);
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context, const torch::autograd::variable_list& gradients) {
    auto holder = context->saved_data["group"].toCapsule();
    auto backend = c10::static_intrusive_pointer_cast<c10d::Backend>(holder);
    return {added_up(backend, gradients[0]), torch::autograd::Variable()};
  }
};

}  // namespace

extern "C" {

// A library whose symbols are everybody's from then on. Null, or why not, for `free`.
char* trainyard_load(const char* name) {
  return dlopen(name, RTLD_NOW | RTLD_GLOBAL) ? nullptr : strdup(dlerror());
}

// `listener` is a socket that listens at `host:port`, of the process that leads; -1 of the others. Returns once all have come,
// or null after `patience_ms`; a sum that takes longer than `silence_ms` fails.
void* trainyard_group_join(
    const char* host, uint16_t port, int listener, int rank, int size, int64_t patience_ms, int64_t silence_ms,
    char** error) {
  Backend* group = nullptr;
  told(error, [&] {
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = listener >= 0;
    if (options.isServer) options.masterListenFd = listener;
    options.waitWorkers = false;
    options.timeout = milliseconds(patience_ms);
    auto store = c10::make_intrusive<c10d::TCPStore>(host, options);
    auto gloo = c10d::ProcessGroupGloo::Options::create(milliseconds(patience_ms));
    gloo->devices = {c10d::ProcessGroupGloo::createDeviceForHostname(host)};
    Backend backend = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, gloo);
    backend->setTimeout(milliseconds(silence_ms));
    group = new Backend(backend);
  });
  return group;
}

void trainyard_group_leave(void* group) {
  delete static_cast<Backend*>(group);
}

bool trainyard_group_add_up(void* group, void* tensor, char** error) {
  return told(error, [&] { add_up(*static_cast<Backend*>(group), *static_cast<at::Tensor*>(tensor)); });
}

// What the first process has, all have, however long they wait for it.
bool trainyard_group_hand_out(void* group, void* tensor, int64_t patience_ms, char** error) {
  return told(error, [&] {
    std::vector<at::Tensor> tensors{*static_cast<at::Tensor*>(tensor)};
    c10d::BroadcastOptions options;
    options.timeout = milliseconds(patience_ms);
    (*static_cast<Backend*>(group))->broadcast(tensors, options)->wait();
  });
}

// A new tensor, or null.
void* trainyard_group_sum(void* group, void* own, char** error) {
  at::Tensor* sum = nullptr;
  told(error, [&] {
    sum = new at::Tensor(Sum::apply(*static_cast<at::Tensor*>(own), *static_cast<Backend*>(group)));
  });
  return sum;
}

}
